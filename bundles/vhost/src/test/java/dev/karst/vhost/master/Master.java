package dev.karst.vhost.master;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.Region;
import dev.karst.env.unix.Descriptor;
import dev.karst.env.unix.UnixSocket;
import dev.karst.spec.vhostuser.Header;
import dev.karst.spec.vhostuser.ProtocolFeature;
import dev.karst.spec.vhostuser.Request;
import dev.karst.spec.virtio.Feature;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A vhost-user front-end that does what it is told, also what none should. It has real memory and sockets; the thread of the test is its
 * own.
 */
public final class Master implements AutoCloseable {
    /** How long an answer may take. */
    public static final long WAIT_MS = 20_000;
    public static final int VERSION = 1;
    public static final int NEED_REPLY = 8;

    private static final int BUFFER_BYTES = 16_384;

    public final Guest guest;
    /** What came with replies. */
    public final List<Descriptor> received = new ArrayList<>();
    /** What was agreed upon. */
    public long features;
    public long protocolFeatures;

    private final Environment environment;
    private final UnixSocket socket;
    private final Region buffer;
    private final List<GuestRing> rings = new ArrayList<>();

    /** One that has connected, with memory of its own. */
    public Master(Environment environment, Path path) throws StorageException {
        this(environment, path, new Guest(environment));
    }

    /** One with the memory of another that has gone. */
    public Master(Environment environment, Path path, Guest guest) throws StorageException {
        this.environment = environment;
        this.guest = guest;
        socket = environment.unixSockets().connect(path);
        buffer = environment.memory().allocate("master", BUFFER_BYTES);
    }

    public Environment environment() {
        return environment;
    }

    /** Sends a message whose header says what it says. */
    public void send(int request, int flags, int size, byte[] payload, int... descriptors) throws StorageException {
        long at = buffer.address();
        Mem.setInt(at, request);
        Mem.setInt(at + 4, flags);
        Mem.setInt(at + 8, size);
        sendBytes(Header.BYTES, payload, descriptors);
    }

    /** Sends so many bytes of the buffer, and these. */
    private void sendBytes(int before, byte[] bytes, int... descriptors) throws StorageException {
        Mem.put(buffer.address() + before, bytes, 0, bytes.length);
        socket.send(buffer.address(), before + bytes.length, descriptors, WAIT_MS);
    }

    /** Sends bytes, whatever they are. */
    public void sendRaw(byte[] bytes, int... descriptors) throws StorageException {
        sendBytes(0, bytes, descriptors);
    }

    /** Sends a message as it should be, and asks for no reply. */
    public void send(int request, byte[] payload, int... descriptors) throws StorageException {
        send(request, VERSION, payload.length, payload, descriptors);
    }

    /**
     * The payload of the reply to this request.
     *
     * @throws StorageException ECONNRESET when the target has closed, ETIMEDOUT
     */
    public byte[] receive(int request, long waitMs) throws StorageException {
        long at = buffer.address();
        socket.receive(at, Header.BYTES, received, waitMs);
        int size = Mem.getInt(at + 8);
        if (Mem.getInt(at) != request || Mem.getInt(at + 4) != 5 || size < 0 || size > BUFFER_BYTES - Header.BYTES) {
            throw new AssertionError("the reply to request %d is of request %d, flags %x, %d bytes".formatted(
                request, Mem.getInt(at), Mem.getInt(at + 4), size));
        }
        byte[] payload = new byte[size];
        if (size > 0) {
            socket.receive(at, size, received, waitMs);
            Mem.get(at, payload, 0, size);
        }
        return payload;
    }

    /** Reads whatever is said until the reply to this request has come; false when the target closed before. */
    public boolean drain(int request) throws StorageException {
        long at = buffer.address();
        try {
            int seen;
            do {
                socket.receive(at, Header.BYTES, received, WAIT_MS);
                seen = Mem.getInt(at);
                socket.receive(at + Header.BYTES, Mem.getInt(at + 8), received, WAIT_MS);
            } while (seen != request);
            return true;
        } catch (StorageException e) {
            if (e.code() == -Errno.ETIMEDOUT) {
                throw e;
            }
            return false;
        }
    }

    /** Asks for something, and gives the reply. */
    public byte[] ask(int request, byte[] payload, int... descriptors) throws StorageException {
        send(request, payload, descriptors);
        return receive(request, WAIT_MS);
    }

    /** Asks for a figure. */
    public long figure(int request) throws StorageException {
        return Payload.get(ask(request, new byte[0]), 0, Long.BYTES);
    }

    /** Tells something, and gives what it is acknowledged with: 0 for success. */
    public long tell(int request, Payload payload, int... descriptors) throws StorageException {
        byte[] bytes = payload.bytes();
        send(request, VERSION | NEED_REPLY, bytes.length, bytes, descriptors);
        return Payload.get(receive(request, WAIT_MS), 0, Long.BYTES);
    }

    /** Tells something that is not refused. */
    void must(int request, Payload payload, int... descriptors) throws StorageException {
        long answer = tell(request, payload, descriptors);
        if (answer != 0) {
            throw new AssertionError("request " + request + " is refused with " + answer);
        }
    }

    /** Agrees upon the features that both know, with those of the ring among {@code wanted} and no others. */
    public void greet(long wanted) throws StorageException {
        long ringFeatures = Feature.RING_PACKED | Feature.RING_EVENT_IDX | Feature.RING_INDIRECT_DESC | Feature.LOG_ALL;
        features = figure(Request.GET_FEATURES) & ~(ringFeatures & ~wanted);
        protocolFeatures = figure(Request.GET_PROTOCOL_FEATURES);
        if ((protocolFeatures & ProtocolFeature.REPLY_ACK) == 0) {
            throw new AssertionError("there is no REPLY_ACK among %x".formatted(protocolFeatures));
        }
        send(Request.SET_PROTOCOL_FEATURES, new Payload().u64(protocolFeatures).bytes());
        must(Request.SET_OWNER, new Payload());
        must(Request.SET_FEATURES, new Payload().u64(features));
    }

    /** Shares the guest's memory. */
    public void shareMemory() throws StorageException {
        Payload table = new Payload().u32(guest.parts.size()).u32(0);
        guest.parts.forEach(part -> part.addTo(table));
        must(Request.SET_MEM_TABLE, table, guest.descriptor(), guest.descriptor());
    }

    /** Asks for memory where requests of a ring of that size are kept while they are in flight, and shares it; the caller's. */
    public Descriptor keepInflight(int size) throws StorageException {
        ask(Request.GET_INFLIGHT_FD, new Payload().u64(0).u64(0).u32(1 | size << Short.SIZE).bytes());
        Descriptor memory = received.removeFirst();
        shareInflight(memory, size);
        return memory;
    }

    /** Shares such memory that somebody else was given. */
    public void shareInflight(Descriptor memory, int size) throws StorageException {
        must(Request.SET_INFLIGHT_FD, new Payload().u64(memory.file().bytes()).u64(0).u32(1 | size << Short.SIZE), memory.number());
    }

    /** Sets a ring up from where it stands, and lets the target serve it. */
    public void start(GuestRing ring) throws StorageException {
        if (!rings.contains(ring)) {
            rings.add(ring);
        }
        place(ring);
        must(Request.SET_VRING_CALL, new Payload().u64(ring.index), ring.call.number());
        must(Request.SET_VRING_ERR, new Payload().u64(ring.index), ring.error.number());
        must(Request.SET_VRING_KICK, new Payload().u64(ring.index), ring.kick.descriptor());
        must(Request.SET_VRING_ENABLE, new Payload().u32(ring.index).u32(1));
    }

    /** Says how large a ring is, where it lies and where it goes on. */
    public void place(GuestRing ring) throws StorageException {
        must(Request.SET_VRING_NUM, new Payload().u32(ring.index).u32(ring.size));
        must(Request.SET_VRING_BASE, new Payload().u32(ring.index).u32(ring.base));
        must(Request.SET_VRING_ADDR, addresses(ring));
    }

    /** Where a ring lies, as SET_VRING_ADDR says it. */
    public Payload addresses(GuestRing ring) {
        return new Payload().u32(ring.index).u32(0).u64(guest.user(ring.descriptors)).u64(guest.user(ring.device))
            .u64(guest.user(ring.driver)).u64(0);
    }

    /** Stops a ring, and gives where it goes on. */
    public int stop(int ring) throws StorageException {
        byte[] state = ask(Request.GET_VRING_BASE, new Payload().u32(ring).u32(0).bytes());
        return (int) Payload.get(state, 4, Integer.BYTES);
    }

    /** Says hello, shares the memory, and starts one ring. */
    public GuestRing begin(int size, long ringFeatures) throws StorageException {
        greet(ringFeatures);
        shareMemory();
        GuestRing ring = GuestRing.of(this, 0, size);
        start(ring);
        return ring;
    }

    /** Whether the target ends the connection within this time; what it still says is thrown away. */
    public boolean isClosedByTarget(long waitMs) throws StorageException {
        try {
            while (true) {
                socket.receive(buffer.address(), 1, received, waitMs);
            }
        } catch (StorageException e) {
            if (e.code() == -Errno.ETIMEDOUT) {
                return false;
            }
            return true;
        }
    }

    /** Goes as a process that was killed does, without its memory and its rings, with which another may go on. */
    public void leave() {
        rings.clear();
        vanish();
    }

    /** Goes as a process that was killed does, without its memory. */
    public void vanish() {
        socket.shutdown();
        socket.close();
        received.forEach(Descriptor::close);
        received.clear();
        rings.forEach(GuestRing::close);
        rings.clear();
        environment.memory().free(buffer);
    }

    @Override
    public void close() {
        vanish();
        guest.close();
    }
}
