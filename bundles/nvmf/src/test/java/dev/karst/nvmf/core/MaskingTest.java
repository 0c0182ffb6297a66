package dev.karst.nvmf.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.karst.base.StorageException;
import dev.karst.nvmf.core.model.AsyncEvents;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.FeaturesCommand;
import dev.karst.spec.nvme.GetLogPageCommand;
import dev.karst.spec.nvme.IdentifyCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Namespaces that only some hosts see. */
class MaskingTest {
    private static Stage stage(SimWorld world) throws Exception {
        Stage stage = Stage.usual(world);
        stage.module.create("Secret", 64, false, false);
        stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace",
            Map.of("bdev_name", "Secret", "nsid", 3L, "no_auto_visible", true));
        return stage;
    }

    private static int read(Stage stage, FakeConnection io, int nsid) throws Exception {
        return Host.send(stage, io, sqe -> {
            Host.transfer(sqe, Opcode.NVM_READ, 0, 1);
            Sqe.NSID.set(sqe, nsid);
        }, 512, null).status();
    }

    /** All that a host can learn of one NSID. */
    private static String seen(Host host, FakeConnection io, int nsid) throws Exception {
        var seen = new StringBuilder();
        for (int cns : new int[] {0x00, 0x03, 0x05, 0x08, 0x11}) {
            var answer = host.identify(cns, nsid);
            seen.append(cns).append(' ').append(answer.status()).append(' ')
                .append(java.util.Arrays.hashCode(answer.data())).append('\n');
        }
        return seen.append(read(host.stage, io, nsid)).toString();
    }

    @Test
    void shouldBeAsAbsentWhenTheHostMayNotSeeIt() {
        SimWorld.run(1, 5, world -> {
            Stage stage = stage(world);
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactors().next());
            assertEquals(seen(host, io, 4), seen(host, io, 3));
            assertArrayEquals(host.identify(IdentifyCommand.CNS_ACTIVE_NAMESPACES, 1).data(), new byte[4096]);
            assertEquals(NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR, read(stage, io, 3));
            stage.close();
        });
    }

    @Test
    void shouldAppearAndVanishWithAnEventWhenItIsShownAndHidden() {
        SimWorld.run(2, 5, world -> {
            Stage stage = stage(world);
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactors().next());
            host.setFeature(FeaturesCommand.FID_ASYNC_EVENT_CONFIGURATION, AsyncEvents.NAMESPACE_ATTRIBUTE);
            for (boolean visible : new boolean[] {true, false}) {
                var event = host.event();
                stage.call(visible ? "nvmf_ns_add_host" : "nvmf_ns_remove_host", "nqn", Stage.NQN, "nsid", 3, "host",
                    Stage.HOST);
                assertEquals(0x04_00_02, world.get(event).result());
                assertEquals(3, host.log(GetLogPageCommand.LID_CHANGED_NAMESPACES, 0, 4096).data()[0]);
                assertEquals(visible ? 0 : NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR,
                    read(stage, io, 3));
                assertEquals(visible ? 3 : 0, host.identify(IdentifyCommand.CNS_ACTIVE_NAMESPACES, 1).data()[0]);
            }
            stage.close();
        });
    }

    @Test
    void shouldSayNothingWhenWhatTheHostDoesNotSeeChanges() {
        SimWorld.run(3, 5, world -> {
            Stage stage = stage(world);
            var host = new Host(stage, world.reactor(0));
            host.setFeature(FeaturesCommand.FID_ASYNC_EVENT_CONFIGURATION, AsyncEvents.NAMESPACE_ATTRIBUTE);
            var event = host.event();
            stage.module.resize("Secret", 32);
            stage.call("nvmf_subsystem_remove_ns", "nqn", Stage.NQN, "nsid", 3);
            world.settle(1);
            FakeConnection.check(!event.isDone(), "told of what it does not see");
            assertEquals(0, host.log(GetLogPageCommand.LID_CHANGED_NAMESPACES, 0, 4096).data()[0]);
            stage.close();
        });
    }

    @Test
    void shouldRefuseWhenEveryHostSeesItAnyway() {
        SimWorld.run(4, 1, world -> {
            Stage stage = stage(world);
            assertThrows(StorageException.class, () ->
                stage.call("nvmf_ns_remove_host", "nqn", Stage.NQN, "nsid", 1, "host", Stage.HOST));
            stage.close();
        });
    }
}
