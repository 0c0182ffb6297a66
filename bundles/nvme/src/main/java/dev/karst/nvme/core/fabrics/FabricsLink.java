package dev.karst.nvme.core.fabrics;

import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.nvme.Command;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.NvmeException;
import dev.karst.nvme.TransportId;
import dev.karst.nvme.core.link.HostIdentity;
import dev.karst.nvme.core.link.Link;
import dev.karst.nvme.core.link.QueueCalls;
import dev.karst.nvme.transport.FabricsTransport;
import dev.karst.nvme.transport.TransportQueue;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvmf.ConnectCommand;
import dev.karst.spec.nvmf.ConnectData;
import dev.karst.spec.nvmf.FabricsCommand;
import dev.karst.spec.nvmf.Nqn;
import dev.karst.spec.nvmf.PropertyCommand;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A controller whose queues are connections; its properties are read and written by commands. */
public final class FabricsLink extends Link {
    /** What a Connect may take. */
    private static final int CALL_MS = 30_000;
    /** More than any controller takes; that of TCP is bounded by the length of a PDU. */
    private static final long MOST_TRANSFER_BYTES = 8L << 20;
    /** Before the controller has told more, a Connect's data goes in its capsule in any case. */
    private static final int NOTHING_YET = 0;
    /** Result of Connect: authentication is required, one way or the other (ASCR, ATR). */
    private static final long AUTHENTICATION = 3L << 16;

    private final FabricsTransport transport;
    private final TransportId id;
    private final ControllerOptions options;
    private final HostIdentity host;
    private final Reactors reactors;
    private final QueueCalls calls;
    private TransportQueue admin;
    private int controllerId = ConnectData.CNTLID_ANY;

    /** @param id where; without a subsystem, its discovery controller */
    public FabricsLink(
        FabricsTransport transport, TransportId id, ControllerOptions options, Environment environment, Reactors reactors) {
        this.transport = transport;
        this.id = id.subsystem().isEmpty() ? id.at(Nqn.DISCOVERY) : id;
        this.options = options;
        this.reactors = reactors;
        host = HostIdentity.of(options, environment);
        calls = new QueueCalls(environment, reactors);
    }

    @Override
    public long readProperty(int offset, int bytes) throws StorageException {
        Command get = Command.of(Opcode.FABRICS, FabricsCommand.PROPERTY_GET).with(attributes(bytes), offset);
        return calls.call(admin, get, CALL_MS, (result, address) -> bytes == 8 ? result : result & 0xffff_ffffL);
    }

    @Override
    public void writeProperty(int offset, int bytes, long value) throws StorageException {
        var dwords = new Command.Dwords(attributes(bytes), offset, (int) value, (int) (value >>> 32), 0, 0);
        calls.call(admin, Command.of(Opcode.FABRICS, FabricsCommand.PROPERTY_SET).with(dwords), CALL_MS);
    }

    private static int attributes(int bytes) {
        return bytes == 8 ? PropertyCommand.ATTRIB_8_BYTES : PropertyCommand.ATTRIB_4_BYTES;
    }

    @Override
    public TransportQueue adminQueue(Reactor reactor, int depth, TransportQueue.Owner owner) throws StorageException {
        admin = transport.queue(id, options, reactor, 0, depth, owner);
        return admin;
    }

    @Override
    public TransportQueue ioQueue(Reactor reactor, int qid, int depth, TransportQueue.Owner owner) throws StorageException {
        return transport.queue(id, options, reactor, qid, depth, owner);
    }

    /**
     * The transport alone touches our memory, and lets go of it when the queues are cut. That ends the controller too: the next
     * Connect makes another.
     */
    @Override
    public void stop() {
        controllerId = ConnectData.CNTLID_ANY;
    }

    @Override
    public void connectAdmin(TransportQueue admin) throws StorageException {
        connect(admin, NOTHING_YET, options.keepAliveMs());
    }

    @Override
    public void connectIo(TransportQueue queue, TransportQueue admin, int inCapsuleBytes) throws StorageException {
        connect(queue, inCapsuleBytes, 0);
    }

    private void connect(TransportQueue queue, int inCapsuleBytes, int keepAliveMs) throws StorageException {
        queue.connect(inCapsuleBytes);
        var dwords = new Command.Dwords(queue.id() << 16, queue.depth(), keepAliveMs, 0, 0, 0);
        Command connect = Command.of(Opcode.FABRICS, FabricsCommand.CONNECT).with(dwords).sending(data());
        long result = calls.first(queue, connect, CALL_MS);
        if (queue.id() == 0) {
            controllerId = (int) result & 0xffff;
        }
        if ((result & AUTHENTICATION) != 0) {
            throw new NvmeException(
                id + " wants this host to authenticate, which it cannot", NvmeStatus.AUTHENTICATION_REQUIRED, result);
        }
        reactors.call(queue.reactor(), _ -> {
            queue.connected(true);
            return null;
        });
    }

    private byte[] data() {
        ByteBuffer data = ByteBuffer.allocate(ConnectData.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        data.put(ConnectData.HOSTID.offset(), host.id());
        data.putShort(ConnectData.CNTLID.offset(), (short) controllerId);
        data.put(ConnectData.SUBNQN.offset(), id.subsystem().getBytes(StandardCharsets.UTF_8));
        data.put(ConnectData.HOSTNQN.offset(), host.nqn().getBytes(StandardCharsets.UTF_8));
        return data.array();
    }

    /** The connection's end is the queue's. */
    @Override
    public void disconnectIo(TransportQueue queue, TransportQueue admin) {
        // IoQueues cuts it next.
    }

    @Override
    public boolean isFabrics() {
        return true;
    }

    @Override
    public long maxTransferBytes() {
        return MOST_TRANSFER_BYTES;
    }

    @Override
    public boolean usesSgl(long sgls) {
        return true;
    }

    /** A connection that breaks tells by itself. */
    @Override
    public Health health() {
        return Health.GOOD;
    }

    @Override
    public void close() {
        // All is the queues'.
    }
}
