package dev.karst.bdev.nvme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.bdev.testkit.OpenBdev;
import dev.karst.bdev.testkit.Probe;
import dev.karst.nvme.AnaState;
import dev.karst.nvme.NvmeController.State;
import dev.karst.nvme.TransportId;
import dev.karst.reactor.sim.SimWorld;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which path an I/O takes, and what happens to it when that path fails. */
class MultipathTest {
    private final SimWorld world = new SimWorld(3, 1);
    private AttachedStage nvme;

    @BeforeEach
    void prepare() throws StorageException {
        nvme = new AttachedStage(world);
    }

    @AfterEach
    void close() {
        world.close();
    }

    private OpenBdev open(Object... more) throws StorageException {
        nvme.attach(1, more);
        nvme.attach(2, more);
        return nvme.stage.open("Nvme0n1", world.reactor(0));
    }

    private FakeController at(int port) {
        return nvme.driver.at(port);
    }

    private void zero(OpenBdev open, int times) throws StorageException {
        for (int i = 0; i < times; i++) {
            assertEquals(Status.OK, open.run(new Probe().wants(IoType.WRITE_ZEROES, i, 1)));
        }
    }

    @Test
    void shouldUseTheFirstPathWhenThePolicyIsPassive() throws Exception {
        OpenBdev open = open();
        zero(open, 10);
        assertEquals(10, at(1).commands);
        assertEquals(0, at(2).commands);
        open.close();
    }

    @Test
    void shouldTakeTurnsWhenThePolicyIsActive() throws Exception {
        OpenBdev open = open("multipath_opts", Map.of("policy", "active_active", "min_io", 2L));
        zero(open, 12);
        assertEquals(6, at(1).commands);
        assertEquals(6, at(2).commands);
        open.close();
    }

    @Test
    void shouldEndWellAndSoonWhenThePathIsLostUnderIo() throws Exception {
        OpenBdev open = open();
        List<Probe> probes = java.util.stream.IntStream.range(0, 20)
            .mapToObj(i -> new Probe().wants(IoType.WRITE_ZEROES, i, 1)).toList();
        world.on(world.reactor(0), () -> probes.forEach(open.channel()::submit));
        at(1).become(State.RECONNECTING);
        long lost = world.clock().nanos();
        world.until(() -> probes.stream().allMatch(Probe::hasEnded));
        assertTrue(world.clock().nanos() - lost < 100_000_000, "it took longer than 100 ms");
        probes.forEach(probe -> assertEquals(Status.OK, probe.status()));
        probes.forEach(probe -> assertEquals(1, probe.ends()));
        assertTrue(at(2).commands > 0);
        open.close();
    }

    @Test
    void shouldReturnToTheFirstPathWhenItIsBack() throws Exception {
        OpenBdev open = open();
        at(1).become(State.RECONNECTING);
        zero(open, 5);
        at(1).become(State.READY);
        world.settle(5);
        long before = at(1).commands;
        zero(open, 5);
        assertEquals(before + 5, at(1).commands);
        open.close();
    }

    @Test
    void shouldStayWhenFailbackIsOff() throws Exception {
        nvme.stage.call("bdev_nvme_set_options", "disable_auto_failback", true);
        OpenBdev open = open();
        at(1).become(State.RECONNECTING);
        zero(open, 5);
        at(1).become(State.READY);
        world.settle(5);
        zero(open, 5);
        assertEquals(10, at(2).commands);
        open.close();
    }

    @Test
    void shouldFailIoWhenNoPathCameForSoLong() throws Exception {
        OpenBdev open = open("ctrlr_loss_timeout_sec", 30, "reconnect_delay_sec", 1, "fast_io_fail_timeout_sec", 2);
        at(1).become(State.RECONNECTING);
        at(2).become(State.RECONNECTING);
        world.settle(1);
        var probe = new Probe().wants(IoType.WRITE_ZEROES, 0, 1);
        assertEquals(Status.OK, open.submit(probe));
        world.runFor(1_900);
        assertFalse(probe.hasEnded());
        world.runFor(200);
        assertEquals(Status.NOT_CONNECTED, probe.status());
        open.close();
    }

    @Test
    void shouldTryOnceAndThenFailIoWhenNothingIsSaidOfLosses() throws Exception {
        nvme.attach(1);
        OpenBdev open = nvme.stage.open("Nvme0n1", world.reactor(0));
        nvme.driver.unreachable.add(TransportId.tcp("127.0.0.1", 1, AttachedStage.NQN));
        at(1).become(State.FAILED);
        var probe = new Probe().wants(IoType.WRITE_ZEROES, 0, 1);
        assertEquals(Status.NOT_CONNECTED, open.run(probe));
        assertEquals(1, at(1).resets);
        assertTrue(nvme.stage.layer().find("Nvme0n1").isPresent());
        open.close();
    }

    @Test
    void shouldPreferOptimizedPathsWhenAccessChanges() throws Exception {
        OpenBdev open = open();
        at(1).ana(1, AnaState.NON_OPTIMIZED);
        world.settle(5);
        zero(open, 3);
        assertEquals(3, at(2).commands);
        at(2).ana(1, AnaState.INACCESSIBLE);
        zero(open, 3);
        assertEquals(3, at(1).commands);
        at(1).ana(1, AnaState.INACCESSIBLE);
        var probe = new Probe().wants(IoType.WRITE_ZEROES, 0, 1);
        assertEquals(Status.OK, open.submit(probe));
        world.runFor(100);
        assertFalse(probe.hasEnded());
        at(2).ana(1, AnaState.OPTIMIZED);
        world.until(probe::hasEnded);
        assertEquals(Status.OK, probe.status());
        open.close();
    }

    @Test
    void shouldTakeThePreferredPathWhenOneIsSet() throws Exception {
        OpenBdev open = open();
        assertEquals(true, nvme.stage.call("bdev_nvme_set_preferred_path", "name", "Nvme0n1", "cntlid", 2));
        zero(open, 4);
        assertEquals(4, at(2).commands);
        open.close();
    }

    @Test
    void shouldGoOnWhenAControllerIsDisabledAndEnabled() throws Exception {
        OpenBdev open = open();
        assertEquals(true, nvme.stage.call("bdev_nvme_disable_controller", "name", "Nvme0", "cntlid", 1));
        zero(open, 4);
        assertEquals(4, at(2).commands);
        nvme.stage.call("bdev_nvme_disable_controller", "name", "Nvme0", "cntlid", 2);
        var probe = new Probe().wants(IoType.WRITE_ZEROES, 0, 1);
        assertEquals(Status.OK, open.submit(probe));
        world.runFor(50);
        assertFalse(probe.hasEnded());
        nvme.stage.call("bdev_nvme_enable_controller", "name", "Nvme0");
        world.until(probe::hasEnded);
        assertEquals(Status.OK, probe.status());
        open.close();
    }

    @Test
    void shouldTellWhatWentOverEachPath() throws Exception {
        OpenBdev open = open();
        var memory = nvme.stage.environment().memory().allocate("test", 4096);
        assertEquals(Status.OK, open.move(IoType.WRITE, 0, 2, memory));
        assertEquals(Status.OK, open.move(IoType.READ, 0, 2, memory));
        var stats = (List<?>) ((Map<?, ?>) nvme.stage.call("bdev_nvme_get_path_iostat", "name", "Nvme0n1")).get("stats");
        var first = (Map<?, ?>) ((Map<?, ?>) stats.getFirst()).get("stat");
        assertEquals(1024L, first.get("bytes_read"));
        assertEquals(1L, first.get("num_write_ops"));
        String shown = nvme.stage.call("bdev_nvme_get_io_paths").toString();
        assertTrue(shown.contains("bdev_name=Nvme0n1, cntlid=1, current=true, connected=true, accessible=true"), shown);
        assertTrue(shown.contains("cntlid=2, current=false"), shown);
        open.close();
    }
}
