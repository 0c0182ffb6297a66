package dev.karst.itests.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.nvmf.testkit.Bytes;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.reactor.IdlePolicy;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
