package dev.karst.bdev.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.bdev.core.measure.Outcome;
import dev.karst.bdev.core.rpc.BdevFront;
import dev.karst.bdev.module.Geometry;
import dev.karst.reactor.sim.SimWorld;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code bdev_get_iostat} shows of failures and of I/O under way. */
class IostatTest {
    private final SimWorld world = new SimWorld(11, 2);
    private Bench bench;
    private BdevFront front;

    @BeforeEach
    void setUp() throws Exception {
        bench = new Bench(world);
        front = new BdevFront(bench.layer);
        bench.disk(Geometry.of("disk", Bench.DISK_UUID, "Scripted disk", 512, Bench.BLOCKS));
    }

    @AfterEach
    void tearDown() {
        world.close();
    }

    private Object call(String method, Object... namesAndValues) throws StorageException {
        return Calls.call(front, method, namesAndValues);
    }

    private Map<?, ?> iostat(Object... more) throws StorageException {
        return (Map<?, ?>) ((List<?>) ((Map<?, ?>) call("bdev_get_iostat", more)).get("bdevs")).getFirst();
    }

    /** I/O that the module holds on to: so many on each reactor. */
    private int hold() throws Exception {
        bench.script.holds = true;
        bench.load(100, IoType.READ);
        world.runFor(1);
        return bench.loads.stream().mapToInt(Load::inFlight).sum();
    }

    private void onChannels(Consumer<ScriptedModule.ScriptedChannel> task) throws Exception {
        for (var channel : bench.module.channels) {
            world.on(channel.reactor(), () -> task.accept(channel));
        }
    }

    private void end() throws Exception {
        bench.script.holds = false;
        onChannels(ScriptedModule.ScriptedChannel::release);
        bench.end();
    }

    @Test
    void shouldShowDepthAndTimesWhenSampled() throws Exception {
        call("bdev_set_qd_sampling_period", "name", "disk", "period", 100L);
        world.runFor(10);
        assertEquals(0L, iostat().get("queue_depth"));
        assertEquals(0L, iostat().get("io_time"));
        call("bdev_set_qd_sampling_period", "name", "disk", "period", 100L);
        int held = hold();
        long before = (long) iostat().get("io_time");
        world.runFor(50);
        Map<?, ?> now = iostat();
        assertEquals(100L, now.get("queue_depth_polling_period"));
        assertEquals((long) held, now.get("queue_depth"));
        assertEquals(50_000, (long) now.get("io_time") - before, 300);
        long weighted = (long) now.get("weighted_io_time");
        assertEquals((double) held, weighted / (double) (long) now.get("io_time"), held / 10.0);
        call("bdev_reset_iostat");
        assertTrue((long) iostat().get("io_time") < 1000);
        end();
    }

    @Test
    void shouldShowNothingOfDepthWhenNotSampled() throws Exception {
        assertFalse(iostat().containsKey("queue_depth"));
        call("bdev_set_qd_sampling_period", "name", "disk", "period", 1000L);
        call("bdev_set_qd_sampling_period", "name", "disk", "period", 0L);
        assertFalse(iostat().containsKey("queue_depth"));
        assertThrows(StorageException.class, () -> call("bdev_set_qd_sampling_period", "name", "disk", "period", 9L));
    }

    @Test
    void shouldLeaveNoTimerWhenASampledDeviceGoes() throws Exception {
        CoreBdev bdev = bench.layer.findPresent("disk").orElseThrow();
        call("bdev_set_qd_sampling_period", "name", "disk", "period", 1000L);
        bench.descriptor.close();
        bench.module.host.unregister("disk");
        world.runFor(1);
        assertFalse(bdev.queueDepth.isScheduled());
    }

    @Test
    void shouldCountFailuresInSpdksWordsWhenIoFails() throws Exception {
        hold();
        bench.loads.forEach(load -> load.allowed = null);
        bench.loads.forEach(Load::stop);
        long held = bench.loads.stream().mapToInt(Load::inFlight).sum();
        onChannels(channel -> channel.fail(Status.errno(5)));
        assertEquals(Map.of("aio_error", held), iostat().get("io_error"));
        assertEquals(Map.of("aio_error", held), iostat("name", "disk", "reset_mode", "error").get("io_error"));
        assertEquals(Map.of(), iostat().get("io_error"));
        end();
    }

    @Test
    void shouldHaveAWordForEachStatusWhenItFails() {
        assertEquals(Outcome.NVME_ERROR, Outcome.of(Status.nvme(0, 4)));
        assertEquals(Outcome.SCSI_ERROR, Outcome.of(Status.of(Status.SCSI, 1)));
        assertEquals(Outcome.ABORTED, Outcome.of(Status.ABORTED));
        assertEquals(Outcome.MISCOMPARE, Outcome.of(Status.MISCOMPARE));
        assertEquals(Outcome.NOMEM, Outcome.of(Status.NO_RESOURCE));
        assertEquals(Outcome.FAILED, Outcome.of(Status.GUARD_CHECK));
    }

    @Test
    void shouldTakeSeveralNamesOrOneReactorsFiguresWhenAsked() throws Exception {
        bench.load0();
        Map<?, ?> channels = (Map<?, ?>) call("bdev_get_iostat", "names", List.of("disk"), "per_channel", true);
        assertEquals(1, ((List<?>) channels.get("channels")).size());
        assertThrows(StorageException.class, () -> call("bdev_get_iostat", "names", List.of("disk", "none")));
        assertThrows(StorageException.class, () -> call("bdev_get_iostat", "per_channel", true));
    }
}
