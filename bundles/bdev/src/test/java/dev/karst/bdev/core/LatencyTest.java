package dev.karst.bdev.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.bdev.core.rpc.BdevFront;
import dev.karst.bdev.module.Geometry;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.RpcError;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Latency histograms of a device under load. */
class LatencyTest {
    private static final int IOS = 300;

    private final SimWorld world = new SimWorld(9, 2);
    private Bench bench;
    private BdevFront front;

    @BeforeEach
    void setUp() throws Exception {
        bench = new Bench(world);
        front = new BdevFront(bench.layer);
        bench.disk(Geometry.of("disk", Bench.DISK_UUID, "Scripted disk", 512, Bench.BLOCKS));
        bench.load(0, IoType.READ, IoType.WRITE, IoType.FLUSH);
    }

    @AfterEach
    void tearDown() {
        world.close();
    }

    private Object call(String method, Object... namesAndValues) throws StorageException {
        return Calls.call(front, method, namesAndValues);
    }

    private void run() {
        int after = bench.done() + 2 * IOS;
        world.reactors().all().forEach(reactor -> reactor.execute(() -> bench.loads.get(reactor.id()).start(IOS)));
        world.until(() -> bench.done() == after && bench.allDone());
    }

    private long counted() throws StorageException {
        Map<?, ?> got = (Map<?, ?>) call("bdev_get_histogram", "name", "disk");
        assertEquals(List.of("histogram", "granularity", "min_range", "max_range", "tsc_rate"), List.copyOf(got.keySet()));
        byte[] bytes = Base64.getDecoder().decode((String) got.get("histogram"));
        long ranges = (long) got.get("max_range") - (long) got.get("min_range") + 1;
        assertEquals(ranges << (long) got.get("granularity"), bytes.length / Long.BYTES);
        var counts = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
        long sum = 0;
        while (counts.hasRemaining()) {
            sum += counts.get();
        }
        return sum;
    }

    @Test
    void shouldCountEachIoOnceWhenOn() throws Exception {
        run();
        call("bdev_enable_histogram", "name", "disk", "enable", true);
        run();
        assertEquals(2 * IOS, counted());
    }

    @Test
    void shouldCountOnlyTheTypeWhenOneIsNamed() throws Exception {
        call("bdev_enable_histogram", "name", "disk", "enable", true, "opc", "flush", "granularity", 4L);
        run();
        assertEquals(bench.layer.find("disk").orElseThrow().statistics().flushes(), counted());
    }

    @Test
    void shouldShowWhatIoTookWhenAskedByAPerson() throws Exception {
        bench.script.inlineOneIn = 0;
        call("bdev_enable_histogram", "name", "disk", "enable", true);
        run();
        List<?> rows = (List<?>) call("karst_bdev_latency", "name", "disk", "per_channel", true);
        assertEquals(6, rows.size());
        Map<?, ?> reads = (Map<?, ?>) rows.getFirst();
        assertEquals("read", reads.get("type"));
        assertTrue((long) reads.get("ios") > 0);
        long longest = bench.layer.findPresent("disk").orElseThrow().counters().longestNanos(IoType.READ);
        List<?> together = (List<?>) call("karst_bdev_latency", "name", "disk");
        long most = (long) ((Map<?, ?>) together.getFirst()).get("most_us");
        assertEquals(longest / 1000.0, most, longest / 1000.0 / 64);
    }

    @Test
    void shouldRefuseAsSpdkDoesWhenOff() throws Exception {
        var never = assertThrows(StorageException.class, () -> call("bdev_get_histogram", "name", "disk"));
        assertEquals(RpcError.INTERNAL_ERROR, never.code());
        call("bdev_enable_histogram", "name", "disk", "enable", true);
        call("bdev_enable_histogram", "name", "disk", "enable", false);
        run();
        assertThrows(StorageException.class, () -> call("bdev_get_histogram", "name", "disk"));
    }

    @Test
    void shouldRefuseWhenSettingsAreWrong() {
        assertThrows(StorageException.class,
            () -> call("bdev_enable_histogram", "name", "disk", "enable", true, "granularity", 13L));
        assertThrows(StorageException.class,
            () -> call("bdev_enable_histogram", "name", "disk", "enable", true, "opc", "dance"));
        assertThrows(StorageException.class,
            () -> call("bdev_enable_histogram", "name", "disk", "enable", true, "min_nsec", 5L, "max_nsec", 5L));
    }

    @Test
    void shouldBeSavedBehindItsDeviceWhenOn() throws Exception {
        call("bdev_enable_histogram", "name", "disk", "enable", true, "opc", "read", "max_nsec", 1_000_000L);
        Call saved = front.calls().getLast();
        assertEquals("bdev_enable_histogram", saved.method());
        assertEquals(Map.of("name", "disk", "enable", true, "opc", "read", "max_nsec", 1_000_000L), saved.parameters());
    }
}
