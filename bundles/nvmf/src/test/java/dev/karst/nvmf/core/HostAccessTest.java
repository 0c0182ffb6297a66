package dev.karst.nvmf.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.NvmeStatus;
import org.junit.jupiter.api.Test;

/** Nobody uses a subsystem who is not allowed to, not even who was allowed before. */
class HostAccessTest {
    private static int connect(Stage stage, SimWorld world) throws Exception {
        FakeConnection connection = stage.connect(world.reactor(0));
        return Host.connect(stage, connection, new Host.Connecting()).status();
    }

    @Test
    void shouldEndTheControllersOfAHostThatIsNotAllowedAnyMore() {
        SimWorld.run(1, 10, world -> {
            Stage stage = Stage.usual(world);
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactors().next());
            stage.call("nvmf_subsystem_remove_host", "nqn", Stage.NQN, "host", Stage.HOST);
            world.until(() -> host.admin.released && io.released);
            assertEquals(NvmeStatus.CONNECT_INVALID_HOST, connect(stage, world));
            stage.close();
        });
    }

    @Test
    void shouldEndTheControllersOfThoseThatAreNotNamedWhenNotEverybodyIsAllowedAnyMore() {
        SimWorld.run(2, 10, world -> {
            Stage stage = Stage.usual(world);
            stage.call("nvmf_subsystem_allow_any_host", "nqn", Stage.NQN, "allow_any_host", true);
            stage.call("nvmf_subsystem_remove_host", "nqn", Stage.NQN, "host", Stage.HOST);
            var host = new Host(stage, world.reactor(0));
            stage.call("nvmf_subsystem_allow_any_host", "nqn", Stage.NQN, "allow_any_host", false);
            world.until(() -> host.admin.released);
            assertTrue(stage.target.subsystem(Stage.NQN).controllers().isEmpty());
            assertEquals(NvmeStatus.CONNECT_INVALID_HOST, connect(stage, world));
            stage.close();
        });
    }

    @Test
    void shouldKeepTheControllersOfAHostThatIsStillAllowed() {
        SimWorld.run(3, 3, world -> {
            Stage stage = Stage.usual(world);
            stage.call("nvmf_subsystem_allow_any_host", "nqn", Stage.NQN, "allow_any_host", true);
            var host = new Host(stage, world.reactor(0));
            stage.call("nvmf_subsystem_remove_host", "nqn", Stage.NQN, "host", Stage.HOST);
            world.settle(1);
            assertTrue(!host.admin.closing, "ended though everybody is allowed");
            stage.close();
        });
    }
}
