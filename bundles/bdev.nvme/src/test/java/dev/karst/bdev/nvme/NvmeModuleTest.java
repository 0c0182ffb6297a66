package dev.karst.bdev.nvme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.IoType;
import dev.karst.bdev.testkit.OpenBdev;
import dev.karst.bdev.testkit.Probe;
import dev.karst.nvme.NvmeController.State;
import dev.karst.nvme.TransportId;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.rpc.ConfigSource.Call;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Controllers as clients see them: attached, listed, detached, kept. */
class NvmeModuleTest {
    private final SimWorld world = new SimWorld(1, 2);
    private final AttachedStage nvme = attachedStage();

    private AttachedStage attachedStage() {
        try {
            return new AttachedStage(world);
        } catch (StorageException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void close() {
        world.close();
    }

    private Bdev bdev(String name) {
        return nvme.stage.layer().find(name).orElseThrow();
    }

    private boolean isThere(String name) {
        return nvme.stage.layer().find(name).isPresent();
    }

    @Test
    void shouldMakeDevicesOfItsNamespacesWhenAControllerIsAttached() throws Exception {
        nvme.driver.add(7, 300);
        assertEquals(List.of("Nvme0n1", "Nvme0n7"), nvme.attach(1));
        assertEquals("NVMe disk", bdev("Nvme0n7").productName());
        assertEquals(300, bdev("Nvme0n7").blocks());
        assertEquals(nvme.driver.namespaces.get(1).ids.uuid(), bdev("Nvme0n1").uuid());
    }

    @Test
    void shouldAnswerAsSpdkDidWhenControllersAreListed() throws Exception {
        nvme.attach(14420, "hostnqn", "nqn.host");
        Map<String, Object> trid = Map.of("trtype", "TCP", "adrfam", "IPv4", "traddr", "127.0.0.1", "trsvcid", "14420", "subnqn", "nqn.fake");
        Map<String, Object> host = Map.of("nqn", "nqn.host", "addr", "", "svcid", "");
        Map<String, Object> controller = Map.of("state", "enabled", "trid", trid, "cntlid", 1L, "host", host);
        Object expected = List.of(Map.of("name", "Nvme0", "ctrlrs", List.of(controller)));
        assertEquals(expected, nvme.stage.call("bdev_nvme_get_controllers"));
    }

    @Test
    void shouldTakeDevicesAwayWhenTheirLastControllerIsDetached() throws Exception {
        nvme.attach(1);
        nvme.attach(2);
        assertEquals(true, nvme.stage.call("bdev_nvme_detach_controller", "name", "Nvme0", "trtype", "TCP", "traddr", "127.0.0.1", "trsvcid", "1"));
        assertTrue(isThere("Nvme0n1"));
        assertEquals(true, nvme.stage.call("bdev_nvme_detach_controller", "name", "Nvme0"));
        assertFalse(isThere("Nvme0n1"));
        assertEquals(List.of(), nvme.driver.controllers());
        var gone = assertThrows(StorageException.class, () -> nvme.stage.call("bdev_nvme_detach_controller", "name", "Nvme0"));
        assertEquals(-Errno.ENODEV, gone.code());
        assertEquals("No such device", gone.getMessage());
    }

    @Test
    void shouldRefuseWhenTheNameCannotHaveThatController() throws Exception {
        nvme.attach(1);
        var twice = assertThrows(StorageException.class, () -> nvme.attach(1));
        assertEquals(-114, twice.code());
        var alone = assertThrows(StorageException.class, () -> nvme.attach(2, "multipath", "disable"));
        assertEquals(-114, alone.code());
        var other = assertThrows(StorageException.class, () -> nvme.attach(2, "subnqn", "nqn.other"));
        assertEquals(-Errno.EINVAL, other.code());
        var timeouts = assertThrows(StorageException.class, () -> nvme.attach(2, "ctrlr_loss_timeout_sec", 5, "reconnect_delay_sec", 9));
        assertEquals(-Errno.EINVAL, timeouts.code());
        assertEquals(1, nvme.driver.controllers().size());
    }

    @Test
    void shouldLeaveOutThePathWhenTheNamespaceBehindItIsAnother() throws Exception {
        nvme.attach(1);
        nvme.driver.strangers.add(TransportId.tcp("127.0.0.1", 2, AttachedStage.NQN));
        assertEquals(List.of(), nvme.attach(2));
        nvme.driver.at(1).become(State.RECONNECTING);
        OpenBdev open = nvme.stage.open("Nvme0n1", world.reactor(0));
        var probe = new Probe().wants(IoType.FLUSH, 0, 0);
        assertEquals(Status.OK, open.submit(probe));
        world.runFor(50);
        assertFalse(probe.hasEnded());
        nvme.driver.at(1).become(State.READY);
        world.until(probe::hasEnded);
        open.close();
    }

    @Test
    void shouldFollowNamespacesWhenTheyComeGoAndGrow() throws Exception {
        nvme.attach(1);
        FakeController controller = nvme.driver.at(1);
        nvme.driver.add(2, 64);
        controller.tell(events -> events.namespacesChanged(controller));
        world.until(() -> isThere("Nvme0n2"));
        nvme.driver.namespaces.get(2).blocks = 128;
        controller.tell(events -> events.namespacesChanged(controller));
        world.until(() -> bdev("Nvme0n2").blocks() == 128);
        nvme.driver.namespaces.remove(2);
        controller.tell(events -> events.namespacesChanged(controller));
        world.until(() -> !isThere("Nvme0n2"));
        assertTrue(isThere("Nvme0n1"));
    }

    @Test
    void shouldFindControllersAndDevicesAgainWhenTheModuleIsReplaced() throws Exception {
        nvme.stage.call("bdev_nvme_set_options", "bdev_retry_count", 7);
        nvme.attach(1);
        nvme.attach(2);
        FakeController first = nvme.driver.at(1);
        nvme.replace();
        world.settle(10);
        assertEquals(Bdev.State.ONLINE, bdev("Nvme0n1").state());
        assertEquals(2, nvme.driver.controllers().size());
        assertEquals(1, first.watchers());
        assertEquals(2, first.queues().size());
        assertEquals(List.of("bdev_nvme_set_options", "bdev_nvme_attach_controller", "bdev_nvme_attach_controller"),
            nvme.stage.front().calls().stream().map(Call::method).filter(method -> method.startsWith("bdev_nvme")).toList());
    }

    @Test
    void shouldGiveTheCallsThatMakeItAgainWhenSaved() throws Exception {
        nvme.attach(1, "ctrlr_loss_timeout_sec", 9, "reconnect_delay_sec", 1);
        nvme.stage.call("bdev_nvme_set_multipath_policy", "name", "Nvme0n1", "policy", "active_active", "rr_min_io", 4);
        List<Call> calls = nvme.stage.front().calls().stream().filter(call -> call.method().startsWith("bdev_nvme")).toList();
        nvme.stage.call("bdev_nvme_detach_controller", "name", "Nvme0");
        for (Call call : calls) {
            nvme.stage.call(call.method(), call.parameters());
        }
        assertEquals(calls, nvme.stage.front().calls().stream().filter(call -> call.method().startsWith("bdev_nvme")).toList());
        assertEquals("active_active", bdev("Nvme0n1").driverSpecific().get("mp_policy"));
    }

    @Test
    void shouldClearInAsManyCommandsAsTheControllerWantsWhenItSaysHowMuchOneMayCover() throws Exception {
        nvme.driver.mostZeroed = 10;
        nvme.driver.mostUnmapped = 100;
        nvme.attach(1);
        OpenBdev open = nvme.stage.open("Nvme0n1", world.reactor(0));
        assertEquals(Status.OK, open.run(new Probe().wants(IoType.WRITE_ZEROES, 3, 95)));
        assertEquals(10, nvme.driver.at(1).commands);
        assertEquals(Status.OK, open.run(new Probe().wants(IoType.UNMAP, 0, 512)));
        assertEquals(16, nvme.driver.at(1).commands);
        open.close();
    }

    @Test
    void shouldAttachAgainWhenTheDriverIsReplaced() throws Exception {
        nvme.attach(1);
        OpenBdev open = nvme.stage.open("Nvme0n1", world.reactor(1));
        FakeDriver old = nvme.driver;
        nvme.module.unsetDriver(old);
        old.at(1).detach();
        var probe = new Probe().wants(IoType.WRITE_ZEROES, 0, 4);
        assertEquals(Status.OK, open.submit(probe));
        world.runFor(20);
        assertFalse(probe.hasEnded());
        nvme.module.setDriver(old);
        world.until(probe::hasEnded);
        assertEquals(Status.OK, probe.status());
        open.close();
    }

    @Test
    void shouldKeepIoAndAttachAgainWhenTheWayToAControllerIsReplaced() throws Exception {
        nvme.attach(1);
        OpenBdev open = nvme.stage.open("Nvme0n1", world.reactor(1));
        TransportId id = nvme.driver.at(1).id();
        nvme.driver.unreachable.add(id);
        nvme.driver.at(1).drop();
        var probe = new Probe().wants(IoType.WRITE_ZEROES, 0, 4);
        assertEquals(Status.OK, open.submit(probe));
        world.runFor(3_000);
        assertFalse(probe.hasEnded());
        assertTrue(isThere("Nvme0n1"));
        nvme.driver.unreachable.remove(id);
        world.until(probe::hasEnded);
        assertEquals(Status.OK, probe.status());
        open.close();
    }

    @Test
    void shouldEndIoOfAReactorThatGetsNoQueuePair() throws Exception {
        nvme.attach(1, "num_io_queues", 1);
        OpenBdev served = nvme.stage.open("Nvme0n1", world.reactor(0));
        OpenBdev without = nvme.stage.open("Nvme0n1", world.reactor(1));
        assertEquals(Status.OK, served.run(new Probe().wants(IoType.WRITE_ZEROES, 0, 1)));
        assertEquals(Status.NOT_CONNECTED, without.run(new Probe().wants(IoType.WRITE_ZEROES, 0, 1)));
        served.close();
        without.close();
    }

    @Test
    void shouldTakeTheControllerAwayWhenItIsPulledOut() throws Exception {
        nvme.attach(1);
        nvme.driver.at(1).become(State.REMOVED);
        world.until(() -> !isThere("Nvme0n1"));
        assertEquals(List.of(), nvme.stage.call("bdev_nvme_get_controllers"));
    }
}
