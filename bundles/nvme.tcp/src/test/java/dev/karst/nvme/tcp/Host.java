package dev.karst.nvme.tcp;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.env.Region;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.nvme.NvmeRequest;
import dev.karst.nvme.TransportId;
import dev.karst.nvme.transport.TransportQueue;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Property;
import dev.karst.spec.nvmf.ConnectData;
import dev.karst.spec.nvmf.FabricsCommand;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A host with queues of its own making: what the driver does, as far as these tests need it. */
final class Host extends TransportQueue.Owner {
    /** A command that is waited for, with a buffer of its own. */
    static final class Waited extends NvmeRequest {
        final Region region;
        boolean done;
        int status;
        int endings;

        Waited(SimWorld world, int segments, int bytes) throws StorageException {
            super(segments);
            region = world.environment().memory().allocate("test request", bytes);
        }

        @Override
        protected void ended(int status) {
            this.status = status;
            done = true;
            endings++;
        }

        void put(byte[] bytes) {
            Mem.put(region.address(), bytes, 0, bytes.length);
        }

        byte[] get(int length) {
            byte[] bytes = new byte[length];
            Mem.get(region.address(), bytes, 0, length);
            return bytes;
        }
    }

    private final SimWorld world;
    private final TcpFabrics fabrics;
    final List<String> losses = new ArrayList<>();
    final List<TcpQueue> queues = new ArrayList<>();
    private final List<Waited> made = new ArrayList<>();
    private int controllerId;

    Host(SimWorld world) {
        this.world = world;
        fabrics = new TcpFabrics(world.environment(), world.reactors());
    }

    @Override
    public void lost(TransportQueue queue, String why) {
        losses.add(why);
    }

    @Override
    public void abort(TransportQueue queue, int cid) {
        throw new AssertionError("nobody aborts");
    }

    Waited request(int segments, int bytes) throws StorageException {
        var request = new Waited(world, segments, bytes);
        made.add(request);
        return request;
    }

    /** A connection without Connect. */
    TcpQueue open(int port, int qid, int depth, boolean headerDigest, boolean dataDigest) throws Exception {
        ControllerOptions standard = ControllerOptions.standard();
        var options = new ControllerOptions(
            depth + 1, depth, 0, "", "", "", headerDigest, dataDigest, true, true, false, standard.timeouts());
        TransportId id = TransportId.tcp("127.0.0.1", port, KarstTarget.SUBSYSTEM);
        var queue = (TcpQueue) fabrics.queue(id, options, world.reactors().next(), qid, depth, this);
        queues.add(queue);
        connect(queue);
        return queue;
    }

    void connect(TcpQueue queue) throws Exception {
        world.background(() -> {
            queue.connect(4096);
            return null;
        });
        world.on(queue.reactor(), () -> queue.connected(true));
    }

    /** Submits on the queue's reactor and waits for the end; gives the status. */
    int execute(NvmeQueuePair queue, Waited request) throws Exception {
        submit(queue, request);
        world.until(() -> request.done);
        return request.status;
    }

    void submit(NvmeQueuePair queue, Waited request) throws Exception {
        request.done = false;
        int taken = world.call(queue.reactor(), () -> queue.submit(request));
        check(taken == Status.OK, "not taken: " + Status.text(taken));
    }

    /** Connect, and for the admin queue CC.EN. */
    void associate(TcpQueue queue) throws Exception {
        Waited connect = request(1, ConnectData.BYTES);
        connect.command(Opcode.FABRICS, FabricsCommand.CONNECT);
        connect.cdw10and11 = (long) queue.id() << 16 | (long) queue.depth() << 32;
        long data = connect.region.address();
        Mem.fill(data, ConnectData.BYTES, (byte) 0);
        Mem.setByte(data, (byte) 7);
        ConnectData.CNTLID.set(data, queue.id() == 0 ? ConnectData.CNTLID_ANY : controllerId);
        text(data + ConnectData.SUBNQN.offset(), KarstTarget.SUBSYSTEM);
        text(data + ConnectData.HOSTNQN.offset(), "nqn.2026-11.dev.karst:host");
        connect.data.set(data, ConnectData.BYTES);
        check(execute(queue, connect) == 0, "Connect ended with " + connect.status);
        if (queue.id() == 0) {
            controllerId = (int) connect.result & 0xffff;
            Waited enable = request(1, 4096);
            enable.command(Opcode.FABRICS, FabricsCommand.PROPERTY_SET);
            enable.cdw10and11 = (long) Property.CC << 32;
            enable.cdw12and13 = Property.CC_EN | 6 << Property.CC_IOSQES_SHIFT | 4 << Property.CC_IOCQES_SHIFT;
            check(execute(queue, enable) == 0, "Property Set ended with " + enable.status);
        }
    }

    private static void text(long address, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Mem.put(address, bytes, 0, bytes.length);
    }

    /** Closes all queues as the driver does, and gives all memory back. */
    void close() throws Exception {
        for (TcpQueue queue : queues) {
            world.on(queue.reactor(), () -> {
                queue.cut();
                queue.release();
            });
        }
        for (Waited request : made) {
            check(request.queue() == null, "a request is in flight after all queues were closed");
            world.environment().memory().free(request.region);
        }
    }

    static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
