package dev.karst.itests.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.nvmf.testkit.Bytes;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.Reactor;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From a real socket to a bdev and back. */
class WholePathTest {
    private static final int BLOCK_BYTES = 512;
    private static final int BLOCKS = 32 * 1024;
    /**
     * What two reactors may allocate in a few seconds for what happens once a second (the watchdog's message) and is too rare to
     * be compiled. The smallest object has 16 bytes, so fewer than one I/O in a hundred can have allocated anything.
     */
    private static final long HOUSEKEEPING_BYTES = 512;
    /** Until the path is compiled: on a loaded machine the compiler is late. */
    private static final int MOST_ROUNDS = 40;

    @TempDir
    private Path folder;

    @Test
    void shouldKeepDataWhenWrittenOverSocketsInEveryWay() throws Exception {
        try (Stack stack = new Stack(IdlePolicy.ADAPTIVE)) {
            stack.call("bdev_malloc_create", Map.of("name", "ram", "block_size", (long) BLOCK_BYTES, "num_blocks", (long) BLOCKS));
            stack.call("bdev_aio_create", Map.of(
                "name", "disk", "filename", folder.resolve("disk.img").toString(), "block_size", (long) BLOCK_BYTES,
                "create_size_mib", 16L));
            stack.call("bdev_passthru_create", Map.of("name", "through", "base_bdev_name", "disk"));
            stack.serve("ram");
            stack.serve("through");
            try (NvmeTcpHost admin = stack.admin()) {
                for (int way = 0; way < 4; way++) {
                    try (NvmeTcpHost io = stack.io(admin, way + 1, (way & 1) != 0, (way & 2) != 0)) {
                        writeAndRead(io, 1, way);
                        writeAndRead(io, 2, way);
                    }
                }
            }
        }
    }

    private static void writeAndRead(NvmeTcpHost io, int nsid, int seed) throws Exception {
        Random random = new Random(seed);
        for (int i = 0; i < 50; i++) {
            int blocks = i % 5 == 0 ? 256 : 1 + random.nextInt(64);
            int first = random.nextInt(BLOCKS - blocks);
            byte[] data = new byte[blocks * BLOCK_BYTES];
            random.nextBytes(data);
            Stack.expectSuccess(io.write(nsid, first, blocks, data, data.length <= 4096 && random.nextBoolean()));
            if (i % 10 == 0) {
                Stack.expectSuccess(io.flush(nsid));
            }
            assertArrayEquals(data, io.read(nsid, first, blocks, data.length).data());
        }
    }

    @Test
    void shouldAllocateNothingPerIoWhenTheWholePathIsWarm() throws Exception {
        try (Stack stack = new Stack(IdlePolicy.POLL)) {
            stack.call("bdev_malloc_create", Map.of("name", "ram", "block_size", (long) BLOCK_BYTES, "num_blocks", (long) BLOCKS));
            stack.call("bdev_aio_create", Map.of(
                "name", "disk", "filename", folder.resolve("disk.img").toString(), "block_size", (long) BLOCK_BYTES,
                "create_size_mib", 16L));
            stack.serve("ram");
            stack.serve("disk");
            try (NvmeTcpHost admin = stack.admin(); NvmeTcpHost io = stack.io(admin, 1, true, true)) {
                for (int nsid = 1; nsid <= 2; nsid++) {
                    long fewest = Long.MAX_VALUE;
                    for (int attempt = 0; attempt < 6 && fewest > HOUSEKEEPING_BYTES; attempt++) {
                        fewest = Math.min(fewest, allocatedDuring(io, nsid));
                    }
                    assertTrue(fewest <= HOUSEKEEPING_BYTES,
                        "the reactors allocated " + fewest + " bytes in 6000 I/Os of namespace " + nsid);
                }
            }
        }
    }

    private static long allocatedDuring(NvmeTcpHost io, int nsid) throws Exception {
        long before = allocatedByReactors();
        load(io, nsid, 2_000);
        return allocatedByReactors() - before;
    }

    private static void load(NvmeTcpHost io, int nsid, int rounds) throws Exception {
        byte[] small = new byte[4096];
        byte[] large = new byte[16384];
        for (int i = 0; i < rounds; i++) {
            Stack.expectSuccess(io.write(nsid, i % 1024 * 8L, 8, small, true));
            Stack.expectSuccess(io.write(nsid, i % 512 * 32L, 32, large, false));
            Stack.expectSuccess(io.read(nsid, i % 1024 * 8L, 8, small.length));
        }
    }

    /** Bytes that the threads of the reactors have allocated so far. */
    private static long allocatedByReactors() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
            .filter(thread -> thread != null && thread.getThreadName().startsWith("karst-reactor"))
            .mapToLong(thread -> threads.getThreadAllocatedBytes(thread.getThreadId()))
            .sum();
    }

    @Test
    void shouldServeSeveralQueuesAtOnceWhenEachHasManyCommandsInFlight() throws Exception {
        try (Stack stack = new Stack(IdlePolicy.ADAPTIVE)) {
            stack.call("bdev_malloc_create", Map.of("name", "ram", "block_size", (long) BLOCK_BYTES, "num_blocks", (long) BLOCKS));
            stack.serve("ram");
            try (NvmeTcpHost admin = stack.admin(); NvmeTcpHost one = stack.io(admin, 1, false, false);
                NvmeTcpHost two = stack.io(admin, 2, true, true)) {
                send(one, 100);
                send(two, 100);
                assertTrue(receive(one, 100) && receive(two, 100));
            }
        }
    }

    /** A module that sleeps on its reactor's thread when block 7 is read, as no module may. */
    private static final class Sleeper implements BdevModule {
        static final long MILLIS = 5_000;
        private final CountDownLatch asleep = new CountDownLatch(1);
        private final CountDownLatch awake = new CountDownLatch(1);
        private BdevHost host;

        @Override
        public String name() {
            return "sleeper";
        }

        @Override
        public void start(BdevHost host) {
            this.host = host;
        }

        @Override
        public void stop() {}

        @Override
        public void restore(CreationRecord record) throws StorageException {
            throw StorageException.errno(Errno.EIO, "not in this test");
        }

        void create() throws StorageException {
            var geometry = Geometry.of("sleepy", new UUID(2, 2), "Sleepy disk", BLOCK_BYTES, 8);
            host.register(new ModuleBdev(geometry) {
                @Override
                public boolean supports(IoType type) {
                    return false;
                }

                @Override
                public ModuleChannel openChannel(Reactor reactor) {
                    return new SleepyChannel();
                }

                @Override
                public void destroy(boolean parked) {}
            }, new CreationRecord("sleepy_create", Map.of(), "sleepy", geometry.uuid()));
        }

        boolean isAsleep() {
            return awake.getCount() > 0;
        }

        private final class SleepyChannel extends ModuleChannel {
            @Override
            public int submit(BdevIo io) {
                if (io.offsetBlocks == 7) {
                    sleep();
                }
                io.complete(Status.OK);
                return Status.OK;
            }

            private void sleep() {
                asleep.countDown();
                try {
                    Thread.sleep(MILLIS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                awake.countDown();
            }

            @Override
            public void close() {}
        }
    }

    /** Connections are dealt in turn: one more before makes it the other reactor, the one that listens or not. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldServeOnAnotherReactorWhenAModuleBlocksOne(int before) throws Exception {
        try (Stack stack = new Stack(IdlePolicy.ADAPTIVE)) {
            assumeTrue(stack.reactors.all().size() > 1, "there is one reactor only");
            stack.serveMemory("ram", 64);
            var sleeper = new Sleeper();
            stack.blockLayer.addModule(sleeper);
            sleeper.create();
            stack.serve("sleepy");
            for (int i = 0; i < before; i++) {
                stack.host().initialize(false, false);
            }
            try (NvmeTcpHost admin = stack.admin(); NvmeTcpHost io = stack.io(admin, 1, false, false)) {
                io.send(io.capsule(NvmeTcpHost.sqe(0x02, 2, BLOCK_BYTES, false).set(40, 8, 7L), new byte[0]));
                sleeper.asleep.await();
                assertTrue(io.closesWithin((int) Sleeper.MILLIS - 500), "it is not shut");
                comeBack(stack);
                assertTrue(sleeper.isAsleep(), "a host came back only when the module let go");
            }
            sleeper.awake.await();
            for (int i = 0; i < 500 && stack.reactors.all().stream().anyMatch(Reactor::isBlocked); i++) {
                stack.venue().pass(10);
            }
            assertTrue(stack.reactors.all().stream().noneMatch(Reactor::isBlocked));
            stack.venue().pass(1_500);
            for (int i = 0; i < 4; i++) {
                comeBack(stack);
            }
        }
    }

    private static void comeBack(Stack stack) throws Exception {
        byte[] data = new byte[BLOCK_BYTES];
        Arrays.fill(data, (byte) 7);
        try (NvmeTcpHost admin = stack.admin(); NvmeTcpHost io = stack.io(admin, 1, false, false)) {
            Stack.expectSuccess(io.write(1, 3, 1, data, true));
            assertArrayEquals(data, io.read(1, 3, 1, BLOCK_BYTES).data());
        }
    }

    private static void send(NvmeTcpHost host, int commands) throws Exception {
        for (int i = 0; i < commands; i++) {
            Bytes read = NvmeTcpHost.sqe(0x02, 1, 4096, false).set(2, 2, i).set(40, 8, i * 8L).set(48, 2, 7);
            host.send(host.capsule(read, new byte[0]));
        }
    }

    private static boolean receive(NvmeTcpHost host, int commands) throws Exception {
        boolean[] ended = new boolean[commands];
        for (int i = 0; i < commands; i++) {
            NvmeTcpHost.Received pdu = host.receive();
            assertEquals(NvmeTcpHost.C2H_DATA, pdu.type());
            assertEquals(false, ended[pdu.header().u16(8)], "a command ended twice");
            ended[pdu.header().u16(8)] = true;
        }
        return true;
    }
}
