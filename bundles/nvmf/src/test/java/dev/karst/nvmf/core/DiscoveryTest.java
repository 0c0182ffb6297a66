package dev.karst.nvmf.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.karst.base.StorageException;
import dev.karst.nvmf.core.model.AnaState;
import dev.karst.nvmf.core.model.AsyncEvents;
import dev.karst.nvmf.core.model.Listener;
import dev.karst.nvmf.core.model.SizeLimits;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.FeaturesCommand;
import dev.karst.spec.nvme.GetLogPageCommand;
import dev.karst.spec.nvme.IdentifyCommand;
import dev.karst.spec.nvme.IdentifyController;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Property;
import dev.karst.spec.nvmf.DiscoveryEntry;
import dev.karst.spec.nvmf.DiscoveryLog;
import dev.karst.spec.nvmf.Nqn;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DiscoveryTest {
    private static Host discover(Stage stage) throws Exception {
        var connecting = new Host.Connecting();
        connecting.subNqn = Nqn.DISCOVERY.getBytes(StandardCharsets.UTF_8);
        return new Host(stage, stage.world.reactor(0), connecting);
    }

    private static byte[] log(Host host, long offset, int length) throws Exception {
        var answer = host.log(GetLogPageCommand.LID_DISCOVERY, offset, length);
        assertEquals(0, answer.status());
        return answer.data();
    }

    private static List<String> names(Host host) throws Exception {
        long count = Host.look(host.stage, log(host, 0, 1024), DiscoveryLog.NUMREC::get);
        var names = new ArrayList<String>();
        for (int i = 1; i <= count; i++) {
            byte[] entry = log(host, i * 1024L, 1024);
            names.add(Host.look(host.stage, entry, at ->
                DiscoveryEntry.SUBTYPE.get(at) + " " + DiscoveryEntry.SUBNQN.get(at) + " "
                    + DiscoveryEntry.TRADDR.get(at)
                    + " " + DiscoveryEntry.TRSVCID.get(at) + " " + DiscoveryEntry.TRTYPE.get(at)
                    + DiscoveryEntry.ADRFAM.get(at) + " " + DiscoveryEntry.ASQSZ.get(at)));
        }
        return names;
    }

    @Test
    void shouldListWhatTheHostMayUseAndNothingElse() {
        SimWorld.run(1, 5, world -> {
            Stage stage = Stage.usual(world);
            stage.call("nvmf_create_subsystem", "nqn", "nqn.2016-06.io.spdk:cnode2");
            stage.call("nvmf_subsystem_add_listener", "nqn", "nqn.2016-06.io.spdk:cnode2", "listen_address",
                Stage.address("4420"));
            Host host = discover(stage);
            assertEquals(List.of("2 " + Stage.NQN + " 127.0.0.1 4420 31 128"), names(host));
            stage.call("nvmf_subsystem_allow_any_host", "nqn", "nqn.2016-06.io.spdk:cnode2", "allow_any_host", true);
            stage.call("nvmf_subsystem_add_listener", "nqn", Nqn.DISCOVERY, "listen_address", Stage.address("8009"));
            assertEquals(List.of(
                "3 " + Nqn.DISCOVERY + " 127.0.0.1 8009 31 128", "2 " + Stage.NQN + " 127.0.0.1 4420 31 128",
                "2 nqn.2016-06.io.spdk:cnode2 127.0.0.1 4420 31 128"), names(host));
            stage.close();
        });
    }

    @Test
    void shouldBeADiscoveryControllerAndNoOther() {
        SimWorld.run(2, 3, world -> {
            Stage stage = Stage.usual(world);
            Host host = discover(stage);
            byte[] controller = host.identify(IdentifyCommand.CNS_CONTROLLER, 0).data();
            assertEquals(2, Host.look(stage, controller, IdentifyController.CNTRLTYPE::get));
            assertEquals(Nqn.DISCOVERY, Host.look(stage, controller, IdentifyController.SUBNQN::get));
            assertEquals(120_000, host.getFeature(FeaturesCommand.FID_KEEP_ALIVE_TIMER).result());
            assertEquals(NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR, host.identify(0, 1).status());
            assertEquals(NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR, host.getFeature(7).status());
            assertEquals(NvmeStatus.INVALID_LOG_PAGE | NvmeStatus.DNR, host.log(2, 0, 512).status());
            stage.close();
        });
    }

    @Test
    void shouldGiveTheSamePageInPiecesOfAnySize() {
        SimWorld.run(3, 10, world -> {
            Stage stage = Stage.usual(world);
            for (int i = 0; i < 9; i++) {
                stage.call("nvmf_subsystem_add_listener", "nqn", Stage.NQN, "listen_address", Stage.address("50" + i));
            }
            Host host = discover(stage);
            host.admin.pieces = 3;
            byte[] whole = log(host, 0, 11 * 1024);
            int step = 4 * (1 + world.random().below(700));
            var pieces = new ByteArrayOutputStream();
            for (int at = 0; at < whole.length; at += step) {
                pieces.writeBytes(log(host, at, Math.min(step, whole.length - at)));
            }
            assertArrayEquals(whole, pieces.toByteArray());
            assertEquals(NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR,
                host.log(0x70, 11 * 1024 + 4, 4).status());
            stage.close();
        });
    }

    @Test
    void shouldCountGenerationsAndTellWhoListens() {
        SimWorld.run(4, 10, world -> {
            Stage stage = Stage.usual(world);
            Host host = discover(stage);
            host.setFeature(FeaturesCommand.FID_ASYNC_EVENT_CONFIGURATION, AsyncEvents.DISCOVERY_LOG & 0xffff_ffffL);
            long before = Host.look(stage, log(host, 0, 1024), DiscoveryLog.GENCTR::get);
            var event = host.event();
            stage.call("nvmf_subsystem_remove_listener", "nqn", Stage.NQN, "listen_address", Stage.address("4420"));
            assertEquals(0x70_f0_02, world.get(event).result());
            assertEquals(before + 1, Host.look(stage, log(host, 0, 1024), DiscoveryLog.GENCTR::get));
            assertEquals(List.of(), names(host));
            stage.close();
        });
    }

    @Test
    void shouldReferToOtherPlaces() {
        SimWorld.run(6, 3, world -> {
            Stage stage = Stage.usual(world);
            Host host = discover(stage);
            stage.call("nvmf_discovery_add_referral", "address", Stage.address("9000"));
            stage.call("nvmf_discovery_add_referral", "address", Stage.address("9000"));
            stage.call("nvmf_discovery_add_referral", "address", Stage.address("9001"), "subnqn", "nqn.there");
            assertEquals(List.of("2 " + Stage.NQN + " 127.0.0.1 4420 31 128",
                "1 " + Nqn.DISCOVERY + " 127.0.0.1 9000 31 32", "2 nqn.there 127.0.0.1 9001 31 32"), names(host));
            stage.call("nvmf_discovery_remove_referral", "address", Stage.address("9000"));
            assertEquals(List.of("2 " + Stage.NQN + " 127.0.0.1 4420 31 128", "2 nqn.there 127.0.0.1 9001 31 32"),
                names(host));
            assertThrows(StorageException.class, () ->
                stage.call("nvmf_discovery_remove_referral", "address", Stage.address("9000")));
            stage.close();
        });
    }

    @Test
    void shouldTellTheAddressThatIsAdvertised() {
        SimWorld.run(7, 3, world -> {
            Stage stage = Stage.usual(world);
            stage.call("nvmf_subsystem_add_listener", "nqn", Stage.NQN, "listen_address", Stage.address("4421"),
                "karst_advertise", Map.of("traddr", "2001:db8::7"));
            assertEquals(List.of("2 " + Stage.NQN + " 127.0.0.1 4420 31 128",
                "2 " + Stage.NQN + " 2001:db8::7 4421 32 128"), names(discover(stage)));
            assertEquals(List.of("127.0.0.1", "127.0.0.1"),
                ((List<?>) stage.call("nvmf_subsystem_get_listeners", "nqn", Stage.NQN)).stream()
                    .map(listener -> ((Map<?, ?>) ((Map<?, ?>) listener).get("address")).get("traddr")).toList());
            stage.close();
        });
    }

    @Test
    void shouldTellOnlyOfListenersLikeTheOneAskedAtWhenThatIsWanted() {
        SimWorld.run(8, 3, world -> {
            Stage stage = Stage.usual(world);
            stage.call("nvmf_subsystem_add_listener", "nqn", Stage.NQN, "listen_address", Stage.address("4421"));
            Host host = discover(stage);
            assertEquals(2, names(host).size());
            stage.call("nvmf_set_config", "discovery_filter", "transport,svcid");
            assertEquals(List.of("2 " + Stage.NQN + " 127.0.0.1 4420 31 128"), names(host));
            assertThrows(StorageException.class, () -> stage.call("nvmf_set_config", "discovery_filter", "colour"));
            stage.close();
        });
    }

    @Test
    void shouldShowByItsGenerationThatPiecesDoNotFit() {
        SimWorld.run(9, 10, world -> {
            Stage stage = Stage.usual(world);
            Host host = discover(stage);
            host.setFeature(FeaturesCommand.FID_ASYNC_EVENT_CONFIGURATION, AsyncEvents.DISCOVERY_LOG & 0xffff_ffffL);
            Object[][] changes = {
                {"nvmf_subsystem_add_host", "nqn", Stage.NQN, "host", "nqn.other"},
                {"nvmf_subsystem_remove_host", "nqn", Stage.NQN, "host", "nqn.other"},
                {"nvmf_subsystem_allow_any_host", "nqn", Stage.NQN, "allow_any_host", true},
                {"nvmf_discovery_add_referral", "address", Stage.address("9000")},
                {"nvmf_set_config", "discovery_filter", "svcid"}
            };
            for (Object[] change : changes) {
                long before = Host.look(stage, log(host, 0, 1024), DiscoveryLog.GENCTR::get);
                var event = host.event();
                stage.call((String) change[0], java.util.Arrays.copyOfRange(change, 1, change.length));
                assertEquals(0x70_f0_02, world.get(event).result(), (String) change[0]);
                assertEquals(before + 1, Host.look(stage, log(host, 0, 1024), DiscoveryLog.GENCTR::get),
                    (String) change[0]);
            }
            stage.close();
        });
    }

    @Test
    void shouldAnswerFromOnePageWhenThereAreManySubsystems() {
        SimWorld.run(10, 1, world -> {
            Stage stage = Stage.usual(world);
            int many = 10_000;
            stage.call("nvmf_set_max_subsystems", "max_subsystems", many + 1);
            for (int i = 0; i < many; i++) {
                stage.target.createSubsystem(
                    new Subsystem.Spec("nqn.2016-06.io.spdk:many" + i, "1", "Karst", 1, 1, 9, false,
                        SizeLimits.USUAL, false), true);
            }
            var subsystems = List.copyOf(stage.target.subsystems());
            for (Subsystem subsystem : subsystems.subList(1, subsystems.size())) {
                if (subsystem.listeners().isEmpty()) {
                    subsystem.addListener(new Listener(Stage.listener(), Stage.listener(), AnaState.OPTIMIZED, 0));
                }
            }
            stage.call("nvmf_set_config", "discovery_filter", "match_any");
            Host host = discover(stage);
            assertEquals(many + 1, Host.look(stage, log(host, 0, 1024), DiscoveryLog.NUMREC::get));
            byte[] last = log(host, (many + 1) * 1024L, 1024);
            assertEquals("nqn.2016-06.io.spdk:many" + (many - 1), Host.look(stage, last, DiscoveryEntry.SUBNQN::get));
            subsystems.forEach(subsystem -> subsystem.listeners().stream()
                .filter(_ -> !subsystem.nqn.equals(Stage.NQN)).forEach(subsystem::removeListener));
            stage.close();
        });
    }

    @Test
    void shouldGoWhenItIsForgotten() {
        SimWorld.run(5, 3, world -> {
            Stage stage = Stage.usual(world);
            Host host = discover(stage);
            assertEquals(Property.CSTS_RDY, host.property(Property.CSTS));
            world.runFor(119_000);
            FakeConnection.check(!host.admin.closing, "ended too early");
            world.runFor(2_000);
            FakeConnection.check(host.admin.released, "not ended");
            stage.close();
        });
    }
}
