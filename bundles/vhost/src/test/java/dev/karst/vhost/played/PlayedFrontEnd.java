package dev.karst.vhost.played;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.env.Environment;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.nvmf.testkit.FuzzInput;
import dev.karst.reactor.Reactors;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.vhostuser.ProtocolFeature;
import dev.karst.spec.vhostuser.Request;
import dev.karst.spec.virtio.AvailableRing;
import dev.karst.spec.virtio.BlkRequest;
import dev.karst.spec.virtio.Descriptor;
import dev.karst.spec.virtio.Feature;
import dev.karst.spec.virtio.UsedRing;
import dev.karst.vhost.blk.BlkDevice;
import dev.karst.vhost.master.BlkDriver;
import dev.karst.vhost.master.Guest;
import dev.karst.vhost.master.GuestRing;
import dev.karst.vhost.master.Payload;
import dev.karst.vhost.session.Session;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Sessions with a device in memory, one after the other, on the simulator; the memory that is shared with them is real. */
public final class PlayedFrontEnd implements AutoCloseable {
    private static final int SIZE = 16;
    private static final int REQUESTS = 4;
    /** Of the simulator, before each message. */
    private static final int FEW_STEPS = 4;
    private static final int MANY_STEPS = 200;
    private static final int DRIVER = 0x10000;
    private static final int DEVICE = 0x20000;
    private static final long USER = 0x7f12_0000_0000L;
    private static final long PROTOCOL = ProtocolFeature.MQ | ProtocolFeature.REPLY_ACK | ProtocolFeature.CONFIG
        | ProtocolFeature.RESET_DEVICE | ProtocolFeature.CONFIGURE_MEM_SLOTS | ProtocolFeature.BACKEND_REQ | ProtocolFeature.INFLIGHT_SHMFD
        | ProtocolFeature.LOG_SHMFD;

    private final LinuxEnvironment machine = new LinuxEnvironment();
    private final SimWorld world = new SimWorld(1, 1);
    private final PlayedSockets sockets;
    private final Environment environment;
    private final BlkDevice device;
    private final long guest;

    /** Whether a session may map files that can be made shorter, which is wrong. */
    private final boolean mapsAll;

    public PlayedFrontEnd() throws StorageException {
        this(false);
    }

    PlayedFrontEnd(boolean mapsAll) throws StorageException {
        this.mapsAll = mapsAll;
        sockets = new PlayedSockets(machine.unixSockets());
        environment = (Environment) Proxy.newProxyInstance(Environment.class.getClassLoader(), new Class<?>[] {Environment.class},
            (_, method, arguments) -> {
                try {
                    return method.getName().equals("unixSockets") ? sockets : method.invoke(world.environment(), arguments);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            });
        var stage = new BdevStage(world);
        stage.add(new MallocModule());
        stage.call("bdev_malloc_create", Map.of("name", "disk", "num_blocks", 4096L, "block_size", 512L));
        device = new BlkDevice("disk", environment, world.reactors().all(), stage.layer(), new BlkDevice.Options(false, true));
        device.open("disk");
        dev.karst.env.unix.Descriptor memory = sockets.descriptor("memory");
        guest = memory.map(0, PlayedSockets.FILES.get("memory"));
        memory.close();
        sockets.wrongs();
    }

    /** What an input says: perhaps all that it takes to serve a ring with requests in it, then what comes to mind. */
    public static List<Said> messages(byte[] input) {
        FuzzInput choices = new FuzzInput(input);
        List<Said> messages = new ArrayList<>(choices.small(2) == 1 ? begin() : List.of());
        while (choices.hasMore()) {
            messages.add(Said.next(choices));
        }
        return messages;
    }

    /** All that it takes to serve a ring. */
    static List<Said> begin() {
        Payload memory = new Payload().u32(2).u32(0).u64(0).u64(Guest.PART_BYTES).u64(USER).u64(0)
            .u64(Guest.SECOND).u64(Guest.PART_BYTES).u64(USER + (1L << 30)).u64(Guest.PART_BYTES);
        return List.of(
            Said.well(Request.SET_PROTOCOL_FEATURES, new Payload().u64(PROTOCOL)),
            Said.well(Request.SET_OWNER, new Payload()),
            Said.well(Request.SET_FEATURES, new Payload().u64(Feature.VERSION_1 | Feature.PROTOCOL_FEATURES)),
            Said.well(Request.SET_MEM_TABLE, memory, "memory", "memory"),
            Said.well(Request.SET_VRING_NUM, new Payload().u32(0).u32(SIZE)),
            Said.well(Request.SET_VRING_BASE, new Payload().u32(0).u32(0)),
            Said.well(Request.SET_VRING_ADDR, new Payload().u32(0).u32(0).u64(USER).u64(USER + DEVICE).u64(USER + DRIVER).u64(0)),
            Said.well(Request.SET_VRING_CALL, new Payload().u64(0), "event"),
            Said.well(Request.SET_VRING_ERR, new Payload().u64(0), "event"),
            Said.well(Request.SET_VRING_KICK, new Payload().u64(0), "event"),
            Said.well(Request.SET_VRING_ENABLE, new Payload().u32(0).u32(1)));
    }

    /** The driver's part: a ring with some requests in it. */
    private void fillRing() {
        Mem.fill(guest, GuestRing.PLACE_BYTES, (byte) 0);
        BlkRequest.TYPE.set(guest + BlkDriver.HEADER, BlkRequest.T_IN);
        BlkRequest.SECTOR.set(guest + BlkDriver.HEADER, 0);
        for (int i = 0; i < REQUESTS; i++) {
            descriptor(3 * i, BlkDriver.HEADER, BlkRequest.BYTES, Descriptor.NEXT);
            descriptor(3 * i + 1, BlkDriver.DATA, 512, Descriptor.NEXT | Descriptor.WRITE);
            descriptor(3 * i + 2, BlkDriver.STATUS, 1, Descriptor.WRITE);
            Mem.setShort(guest + DRIVER + AvailableRing.BYTES + (long) i * AvailableRing.ENTRY_BYTES, (short) (3 * i));
        }
        AvailableRing.IDX.set(guest + DRIVER, REQUESTS);
    }

    private void descriptor(int index, long target, int bytes, int flags) {
        long at = guest + (long) index * Descriptor.BYTES;
        Descriptor.ADDR.set(at, target);
        Descriptor.LEN.set(at, bytes);
        Descriptor.FLAGS.set(at, flags);
        Descriptor.NEXT_INDEX.set(at, index + 1);
    }

    /** A session with a front-end that says this and goes; nothing of it may be left. */
    public void play(List<Said> messages) throws StorageException {
        fillRing();
        converse(messages, world.reactors(), FEW_STEPS);
    }

    private List<byte[]> converse(List<Said> messages, Reactors reactors, int steps) throws StorageException {
        PlayedSocket socket = new PlayedSocket(sockets, messages, () -> step(steps));
        new Session(device, socket, environment, reactors, mapsAll).run();
        world.settle(0);
        world.check();
        List<String> wrongs = sockets.wrongs();
        if (!wrongs.isEmpty()) {
            throw new AssertionError(wrongs);
        }
        return socket.replies();
    }

    private void step(int steps) {
        for (int i = 0; i < steps; i++) {
            world.reactors().step(world.clock().nanos());
        }
    }

    /** A front-end that does all as it should is served. */
    public void serve() throws StorageException {
        serve(world.reactors());
    }

    void serve(Reactors reactors) throws StorageException {
        fillRing();
        List<Said> messages = new ArrayList<>(begin());
        messages.add(Said.well(Request.GET_VRING_BASE, new Payload().u32(0).u32(0)));
        List<byte[]> replies = converse(messages, reactors, MANY_STEPS);
        for (byte[] reply : replies.subList(0, replies.size() - 1)) {
            if (Payload.get(reply, 12, Long.BYTES) != 0) {
                throw new AssertionError("a message is refused");
            }
        }
        // The first one agrees upon that they are acknowledged.
        if (replies.size() != messages.size() - 1) {
            throw new AssertionError(replies.size() + " replies to " + messages.size() + " messages");
        }
        if (UsedRing.IDX.get(guest + DEVICE) != REQUESTS) {
            throw new AssertionError(UsedRing.IDX.get(guest + DEVICE) + " requests of " + REQUESTS + " have come back");
        }
    }

    SimWorld world() {
        return world;
    }

    /** A session forgets to give back one of these. */
    void forget(PlayedSockets.Held what) {
        sockets.forgotten = what;
    }

    @Override
    public void close() {
        device.close();
        machine.unixSockets().unmap(guest, PlayedSockets.FILES.get("memory"));
        sockets.close();
        world.close();
        machine.close();
    }
}
