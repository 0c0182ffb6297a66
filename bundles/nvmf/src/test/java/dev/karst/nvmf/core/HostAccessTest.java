package dev.karst.nvmf.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.NvmeStatus;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Nobody uses a subsystem who is not allowed to, not even who was allowed before. */
class HostAccessTest {
    private static final String HIDDEN = "nqn.2016-06.io.spdk:hidden";

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

    private static FakeConnection.Answer answer(Stage stage, String subsystem) throws Exception {
        var connecting = new Host.Connecting();
        connecting.subNqn = subsystem.getBytes(StandardCharsets.UTF_8);
        return Host.connect(stage, stage.connect(stage.world.reactor(0)), connecting);
    }

    @Test
    void shouldAnswerAsForASubsystemThatThereIsNotWhenItIsHiddenAndTheHostMayNotUseIt() {
        SimWorld.run(4, 5, world -> {
            Stage stage = Stage.usual(world);
            stage.call("nvmf_create_subsystem", "nqn", HIDDEN, "karst_hidden", true);
            FakeConnection.Answer unknown = answer(stage, HIDDEN + "2");
            FakeConnection.Answer toNobody = answer(stage, HIDDEN);
            assertEquals(unknown.status(), toNobody.status());
            assertEquals(unknown.result(), toNobody.result());
            stage.call("nvmf_subsystem_add_host", "nqn", HIDDEN, "host", Stage.HOST);
            stage.call("nvmf_subsystem_add_listener", "nqn", HIDDEN, "listen_address", Stage.address("4421"));
            FakeConnection.Answer elsewhere = answer(stage, HIDDEN);
            assertEquals(unknown.status(), elsewhere.status());
            assertEquals(unknown.result(), elsewhere.result());
            stage.close();
        });
    }

    @Test
    void shouldServeAHiddenSubsystemToAHostThatMayUseItAndHideItAgainWhenItMayNotAnyMore() {
        SimWorld.run(5, 5, world -> {
            Stage stage = Stage.usual(world);
            stage.call("nvmf_create_subsystem", "nqn", HIDDEN, "karst_hidden", true);
            stage.call("nvmf_subsystem_add_listener", "nqn", HIDDEN, "listen_address", Stage.address("4420"));
            stage.call("nvmf_subsystem_add_host", "nqn", HIDDEN, "host", Stage.HOST);
            assertEquals(NvmeStatus.SUCCESSFUL_COMPLETION, answer(stage, HIDDEN).status());
            stage.call("nvmf_subsystem_remove_host", "nqn", HIDDEN, "host", Stage.HOST);
            assertEquals(NvmeStatus.CONNECT_INVALID_PARAMETERS, answer(stage, HIDDEN).status());
            assertTrue(stage.target.discovery().of(Stage.HOST, Stage.listener()).stream()
                .noneMatch(entry -> entry.nqn().equals(HIDDEN)), "discovery tells of it");
            stage.close();
        });
    }

    @Test
    void shouldSaveAndShowThatASubsystemIsHidden() {
        SimWorld.run(6, 1, world -> {
            Stage stage = Stage.usual(world);
            stage.call("nvmf_create_subsystem", "nqn", HIDDEN, "karst_hidden", true);
            assertEquals(true, shown(stage, HIDDEN).get("karst_hidden"));
            assertFalse(shown(stage, Stage.NQN).containsKey("karst_hidden"));
            var saved = stage.management.calls().stream()
                .filter(call -> call.method().equals("nvmf_create_subsystem") && call.parameters().get("nqn").equals(HIDDEN))
                .findAny().orElseThrow();
            stage.call("nvmf_delete_subsystem", "nqn", HIDDEN);
            stage.callWith(saved.method(), saved.parameters());
            assertTrue(stage.target.subsystem(HIDDEN).spec.hidden());
            stage.close();
        });
    }

    private static Map<?, ?> shown(Stage stage, String nqn) throws Exception {
        return (Map<?, ?>) ((List<?>) stage.call("nvmf_get_subsystems", "nqn", nqn)).getFirst();
    }
}
