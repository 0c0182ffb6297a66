package dev.karst.iscsi.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.env.Environment;
import dev.karst.env.EventSet;
import dev.karst.env.Readiness;
import dev.karst.env.StreamSocket;
import dev.karst.iscsi.login.LoginHost;
import dev.karst.iscsi.model.AuthPolicy;
import dev.karst.iscsi.model.Catalogue;
import dev.karst.iscsi.model.InitiatorGroup;
import dev.karst.iscsi.model.IscsiOptions;
import dev.karst.iscsi.model.Netmask;
import dev.karst.iscsi.model.TargetNode;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.reactor.sim.StandInReactors;
import dev.karst.scsi.InitiatorPort;
import dev.karst.scsi.NexusOwner;
import dev.karst.scsi.ScsiDevice;
import dev.karst.scsi.ScsiNexus;
import dev.karst.scsi.ScsiTask;
import dev.karst.scsi.TargetPort;
import dev.karst.spec.iscsi.Bhs;
import dev.karst.spec.iscsi.ScsiCommand;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

/** A command allocates nothing on its way from the socket to the device and back. The times are told, and not judged. */
class AllocationTest {
    private static final int DEPTH = 32;
    private static final int WARM_UP = 300_000;
    private static final int MEASURED = 200_000;
    private static final int ROUNDS = 6;
    private static final String NODE = "iqn.2016-06.io.spdk:disk1";
    private static final ThreadMXBean BEAN = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final System.Logger LOG = System.getLogger(AllocationTest.class.getName());

    /** Answers everything at once. */
    private static final class Still extends ScsiNexus implements ScsiDevice {
        private int executed;
        private final List<TargetPort> ports;

        Still(List<TargetPort> ports) {
            this.ports = ports;
        }

        @Override
        public void prepare(ScsiTask task) {}

        @Override
        public void execute(ScsiTask task) {
            executed++;
            task.wanted = task.sent + task.room;
            task.answered = task.room;
            task.respond();
        }

        @Override
        public void refuse(ScsiTask task, int key, int asc) {
            throw new AssertionError("refused");
        }

        @Override
        public void manage(Management function, long lun, ScsiTask task, IntConsumer done) {}

        @Override
        public void close() {}

        @Override
        public int id() {
            return 0;
        }

        @Override
        public String name() {
            return NODE;
        }

        @Override
        public List<Unit> units() {
            return List.of();
        }

        @Override
        public int addUnit(int lun, String bdev) {
            return 0;
        }

        @Override
        public void removeUnit(int lun) {}

        @Override
        public List<TargetPort> ports() {
            return ports;
        }

        @Override
        public void addPort(TargetPort port) {}

        @Override
        public void removePort(TargetPort port) {}

        @Override
        public ScsiNexus open(InitiatorPort initiator, TargetPort port, Reactor reactor, NexusOwner owner) {
            return this;
        }
    }

    /** Gives one PDU again and again, each with the next numbers, and takes all. */
    private static final class Loop extends StreamSocket {
        private final long image;
        private int bytes;
        private int given;
        private int left;
        private int number = 1;

        Loop(long image) {
            this.image = image;
        }

        @Override
        public int read(long address, int length) {
            if (left == 0) {
                return AGAIN;
            }
            if (given == 0) {
                ScsiCommand.CMDSN.set(image, number);
                Bhs.ITT.set(image, number++ & Integer.MAX_VALUE);
            }
            int count = Math.min(length, bytes - given);
            Mem.copy(image + given, address, count);
            given += count;
            if (given == bytes) {
                given = 0;
                left--;
            }
            return count;
        }

        @Override
        public int write(IoVector data, long offset) {
            return (int) (data.bytes() - offset);
        }

        @Override
        public void watch(EventSet events, Readiness readiness) {}

        @Override
        public void unwatch() {}

        @Override
        public String peer() {
            return "127.0.0.1:1";
        }

        @Override
        public String local() {
            return "127.0.0.1:3260";
        }

        @Override
        public void shutdownOutput() {}

        @Override
        public void shutdown() {}

        @Override
        public void close() {}
    }

    /** One reactor and one node. */
    private record Host(SimWorld world, StandInReactors inner, Catalogue catalogue, Sessions sessions)
        implements SessionHost {
        @Override
        public Environment environment() {
            return world.environment();
        }

        @Override
        public Reactors reactors() {
            return inner;
        }

        @Override
        public LoginHost loginHost(int portalGroup, InetAddress peer) {
            return new LoginHost(catalogue, portalGroup, peer, false, _ -> null, byte[]::new);
        }
    }

    private static <K, V> SequencedMap<K, V> map(K key, V value) {
        SequencedMap<K, V> map = new LinkedHashMap<>();
        map.put(key, value);
        return map;
    }

    private static Host host(SimWorld world) {
        var reactors = new StandInReactors(world.reactor(0));
        var node = new TargetNode(new TargetNode.Spec(NODE, "", 64, false, false),
            new Still(List.of(new TargetPort(1, NODE + ",t,0x0001", TargetPort.ISCSI))), AuthPolicy.FREE);
        node.maps(List.of(new TargetNode.Access(1, 1)));
        var catalogue = new Catalogue(IscsiOptions.USUAL, new LinkedHashMap<>(),
            map(1, new InitiatorGroup(1, List.of("ANY"), List.of(Netmask.of("ANY")))), new LinkedHashMap<>(), map(NODE, node));
        return new Host(world, reactors, catalogue, new Sessions());
    }

    @Test
    void shouldAllocateNothingForReads() throws Exception {
        measure("4 KiB read", ScsiCommand.R, 4096, "None");
    }

    @Test
    void shouldAllocateNothingForReadsOfSeveralPdus() throws Exception {
        measure("128 KiB read in PDUs of 8 KiB", ScsiCommand.R, 128 * 1024, "None");
    }

    @Test
    void shouldAllocateNothingForWrites() throws Exception {
        measure("4 KiB write", ScsiCommand.W, 4096, "None");
    }

    @Test
    void shouldAllocateNothingWhenDigestsAreInUse() throws Exception {
        measure("4 KiB read with a data digest", ScsiCommand.R, 4096, "CRC32C");
    }

    private static void measure(String how, int direction, int length, String dataDigest) throws Exception {
        try (var world = new SimWorld(1, 1)) {
            Host host = host(world);
            Loop socket = new Loop(world.environment().memory().allocate("image", 16_384).address());
            Connection connection = new Group(host.inner.only(), host).make(socket, 1);
            logIn(socket, connection, dataDigest);
            command(socket, direction, length);
            turn(host, socket, connection, WARM_UP);
            long leastBytes = Long.MAX_VALUE;
            long leastNanos = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                long nanos = BEAN.getCurrentThreadCpuTime();
                long bytes = BEAN.getCurrentThreadAllocatedBytes();
                turn(host, socket, connection, MEASURED);
                leastBytes = Math.min(leastBytes, BEAN.getCurrentThreadAllocatedBytes() - bytes);
                leastNanos = Math.min(leastNanos, BEAN.getCurrentThreadCpuTime() - nanos);
            }
            LOG.log(Level.INFO, "{0}: {1} bytes in {2} commands, {3} ns each{4}", how, leastBytes, MEASURED,
                leastNanos / MEASURED, Mem.CHECKED ? " with every access checked" : "");
            assertEquals(0, leastBytes, how);
        }
    }

    private static void logIn(Loop socket, Connection connection, String dataDigest) {
        byte[] text = ("InitiatorName=iqn.a\0TargetName=" + NODE + "\0DataDigest=" + dataDigest + "\0").getBytes(StandardCharsets.UTF_8);
        Mem.setByte(socket.image, (byte) 0x43);
        Mem.setByte(socket.image + 1, (byte) 0x87);
        Bhs.LENGTHS.set(socket.image, text.length);
        Mem.put(socket.image + Bhs.BYTES, text, 0, text.length);
        socket.bytes = Bhs.BYTES + (text.length + 3 & -4);
        socket.left = 1;
        connection.group().round().ready(connection);
        connection.group().round().poll();
        assertEquals(NODE, connection.session().node().name());
        socket.number--;
    }

    private static void command(Loop socket, int direction, int length) {
        boolean writes = direction == ScsiCommand.W;
        Mem.fill(socket.image, Bhs.BYTES, (byte) 0);
        Mem.setByte(socket.image, (byte) Bhs.SCSI_COMMAND);
        Mem.setByte(socket.image + 1, (byte) (Bhs.FINAL | direction | ScsiTask.SIMPLE));
        Bhs.LENGTHS.set(socket.image, writes ? length : 0);
        ScsiCommand.EDTL.set(socket.image, length);
        socket.bytes = Bhs.BYTES + (writes ? length : 0);
    }

    private static void turn(Host host, Loop socket, Connection connection, int count) {
        Still device = (Still) host.catalogue.node(NODE).device;
        int end = device.executed + count;
        while (device.executed < end) {
            socket.left = DEPTH;
            connection.group().round().ready(connection);
            connection.group().round().poll();
        }
    }
}
