package dev.karst.nvmf.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.core.model.AsyncEvents;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.FeaturesCommand;
import dev.karst.spec.nvme.GetLogPageCommand;
import dev.karst.spec.nvme.IdentifyCommand;
import dev.karst.spec.nvme.IdentifyController;
import dev.karst.spec.nvme.IdentifyNamespace;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvme.log.AnaGroupDescriptor;
import dev.karst.spec.nvme.log.AnaLog;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How namespaces can be reached over several listeners, and how hosts learn of it. */
class AnaTest {
    private static final int LOG_BYTES = 4096;

    /** Namespaces 1 to 3, of which 3 is in group 1, reached at two ports. */
    private static Stage stage(SimWorld world) throws Exception {
        var stage = new Stage(world);
        stage.call("nvmf_create_transport", "trtype", "TCP");
        stage.call("nvmf_create_subsystem", "nqn", Stage.NQN, "ana_reporting", true, "max_namespaces", 8,
            "allow_any_host", true);
        for (int i = 1; i <= 3; i++) {
            stage.module.create("Disk" + i, 64, false, false);
            stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace",
                Map.of("bdev_name", "Disk" + i, "anagrpid", i == 3 ? 1L : (long) i));
        }
        for (String port : List.of("4420", "4421")) {
            stage.call("nvmf_subsystem_add_listener", "nqn", Stage.NQN, "listen_address", Stage.address(port));
        }
        return stage;
    }

    private static ListenAddress port(String port) {
        return new ListenAddress("TCP", "IPv4", "127.0.0.1", port);
    }

    private static void set(Stage stage, String port, String state) throws StorageException {
        stage.call("nvmf_subsystem_listener_set_ana_state", "nqn", Stage.NQN, "listen_address", Stage.address(port),
            "ana_state", state);
    }

    /** Groups as {@code id:state:namespaces}. */
    private static List<String> groups(Host host) throws Exception {
        byte[] log = host.log(GetLogPageCommand.LID_ANA, 0, LOG_BYTES).data();
        return Host.look(host.stage, log, at -> {
            var groups = new ArrayList<String>();
            long group = at + AnaLog.BYTES;
            for (int i = 0; i < AnaLog.NAGD.get(at); i++) {
                int count = (int) AnaGroupDescriptor.NNV.get(group);
                var namespaces = new ArrayList<Integer>();
                for (int j = 0; j < count; j++) {
                    namespaces.add(dev.karst.base.Mem.getInt(group + AnaGroupDescriptor.BYTES + 4L * j));
                }
                groups.add(AnaGroupDescriptor.AGID.get(group) + ":" + AnaGroupDescriptor.ANAS.get(group) + ":"
                    + namespaces);
                group += AnaGroupDescriptor.BYTES + 4L * count;
            }
            return groups;
        });
    }

    private static int read(Stage stage, FakeConnection io, int nsid) throws Exception {
        return Host.send(stage, io, sqe -> {
            Host.transfer(sqe, Opcode.NVM_READ, 0, 1);
            Sqe.NSID.set(sqe, nsid);
        }, 512, null).status();
    }

    @Test
    void shouldSayWhichStatesThereAreWhenItReportsThem() {
        SimWorld.run(1, 3, world -> {
            Stage stage = stage(world);
            var host = new Host(stage, world.reactor(0));
            byte[] controller = host.identify(IdentifyCommand.CNS_CONTROLLER, 0).data();
            assertEquals(0x0a, Host.look(stage, controller, IdentifyController.CMIC::get));
            assertEquals(0x900, Host.look(stage, controller, IdentifyController.OAES::get));
            assertEquals(10, Host.look(stage, controller, IdentifyController.ANATT::get));
            assertEquals(0x1f, Host.look(stage, controller, IdentifyController.ANACAP::get));
            assertEquals(8, Host.look(stage, controller, IdentifyController.ANAGRPMAX::get));
            assertEquals(8, Host.look(stage, controller, IdentifyController.NANAGRPID::get));
            byte[] namespace = host.identify(IdentifyCommand.CNS_NAMESPACE, 3).data();
            assertEquals(1, Host.look(stage, namespace, IdentifyNamespace.ANAGRPID::get));
            assertEquals(List.of("1:1:[1, 3]", "2:1:[2]"), groups(host));
            stage.close();
        });
    }

    @Test
    void shouldSayNothingOfStatesWhenItDoesNotReportThem() {
        SimWorld.run(2, 3, world -> {
            Stage stage = Stage.usual(world);
            var host = new Host(stage, world.reactor(0));
            byte[] controller = host.identify(IdentifyCommand.CNS_CONTROLLER, 0).data();
            assertEquals(0x02, Host.look(stage, controller, IdentifyController.CMIC::get));
            assertEquals(0, Host.look(stage, controller, IdentifyController.ANAGRPMAX::get));
            assertEquals(NvmeStatus.INVALID_LOG_PAGE | NvmeStatus.DNR,
                host.log(GetLogPageCommand.LID_ANA, 0, LOG_BYTES).status());
            assertThrows(StorageException.class, () -> set(stage, "4420", "inaccessible"));
            stage.close();
        });
    }

    @Test
    void shouldRefuseCommandsOnThePathThatIsClosedAndNoOther() {
        SimWorld.run(3, 10, world -> {
            Stage stage = stage(world);
            var one = new Host(stage, world.reactor(0), new Host.Connecting(), port("4420"));
            var two = new Host(stage, world.reactor(0), new Host.Connecting(), port("4421"));
            FakeConnection first = one.ioQueue(world.reactors().next());
            FakeConnection second = two.ioQueue(world.reactors().next());
            Map<String, Integer> told = Map.of(
                "optimized", 0, "non_optimized", 0,
                "inaccessible", NvmeStatus.ASYMMETRIC_ACCESS_INACCESSIBLE,
                "persistent_loss", NvmeStatus.ASYMMETRIC_ACCESS_PERSISTENT_LOSS,
                "change", NvmeStatus.ASYMMETRIC_ACCESS_TRANSITION);
            for (var state : told.entrySet()) {
                set(stage, "4420", state.getKey());
                assertEquals(state.getValue(), read(stage, first, 1), state.getKey());
                assertEquals(0, read(stage, second, 1), state.getKey());
            }
            stage.close();
        });
    }

    @Test
    void shouldChangeOneGroupWhenOnlyThatIsNamed() {
        SimWorld.run(4, 3, world -> {
            Stage stage = stage(world);
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactors().next());
            stage.call("nvmf_subsystem_listener_set_ana_state", "nqn", Stage.NQN, "listen_address",
                Stage.address("4420"), "ana_state", "inaccessible", "anagrpid", 1);
            assertEquals(List.of("1:3:[1, 3]", "2:1:[2]"), groups(host));
            assertEquals(NvmeStatus.ASYMMETRIC_ACCESS_INACCESSIBLE, read(stage, io, 3));
            assertEquals(0, read(stage, io, 2));
            stage.call("nvmf_subsystem_set_ns_ana_group", "nqn", Stage.NQN, "nsid", 3, "anagrpid", 2);
            assertEquals(0, read(stage, io, 3));
            assertEquals(List.of("1:3:[1]", "2:1:[2, 3]"), groups(host));
            stage.close();
        });
    }

    @Test
    void shouldFinishWhatIsInFlightWhenAPathIsClosed() {
        SimWorld.run(5, 5, world -> {
            Stage stage = stage(world);
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactors().next());
            stage.module.holds = true;
            var held = world.call(io.reactor(),
                () -> io.send(sqe -> Host.transfer(sqe, Opcode.NVM_READ, 0, 1), 512, null).answered);
            world.until(() -> stage.module.held.size() == 1);
            set(stage, "4420", "inaccessible");
            assertEquals(NvmeStatus.ASYMMETRIC_ACCESS_INACCESSIBLE, read(stage, io, 1));
            assertTrue(!held.isDone(), "ended too early");
            stage.module.holds = false;
            stage.module.release();
            assertEquals(0, world.get(held).status());
            stage.close();
        });
    }

    @Test
    void shouldTellTheHostsOfThatListenerWhenAStateChanges() {
        SimWorld.run(6, 10, world -> {
            Stage stage = stage(world);
            var one = new Host(stage, world.reactor(0), new Host.Connecting(), port("4420"));
            var two = new Host(stage, world.reactor(0), new Host.Connecting(), port("4421"));
            var events = new ArrayList<java.util.concurrent.CompletableFuture<FakeConnection.Answer>>();
            for (Host host : List.of(one, two)) {
                host.setFeature(FeaturesCommand.FID_ASYNC_EVENT_CONFIGURATION, AsyncEvents.ANA_CHANGE);
                events.add(host.event());
            }
            byte[] before = one.log(GetLogPageCommand.LID_ANA, 0, LOG_BYTES).data();
            set(stage, "4420", "non_optimized");
            assertEquals(0x0c_03_02, world.get(events.get(0)).result());
            assertTrue(!events.get(1).isDone(), "told of what does not concern it");
            byte[] after = one.log(GetLogPageCommand.LID_ANA, 0, LOG_BYTES).data();
            assertTrue(Host.look(stage, after, AnaLog.CHGCNT::get) > Host.look(stage, before, AnaLog.CHGCNT::get));
            one.event();
            stage.close();
        });
    }

    @Test
    void shouldGiveTheSameLogInPiecesAndWithoutNamespaces() {
        SimWorld.run(7, 5, world -> {
            Stage stage = stage(world);
            var host = new Host(stage, world.reactor(0));
            int size = AnaLog.BYTES + 2 * AnaGroupDescriptor.BYTES + 3 * Integer.BYTES;
            byte[] whole = host.log(GetLogPageCommand.LID_ANA, 0, size).data();
            int step = 4 * (1 + world.random().below(8));
            var pieces = new ByteArrayOutputStream();
            for (int at = 0; at < size; at += step) {
                pieces.writeBytes(host.log(GetLogPageCommand.LID_ANA, at, Math.min(step, size - at)).data());
            }
            assertArrayEquals(whole, pieces.toByteArray());
            assertEquals(NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR,
                host.log(GetLogPageCommand.LID_ANA, size + 4, 4).status());
            byte[] groupsOnly = host.admin(Opcode.ADMIN_GET_LOG_PAGE, sqe -> {
                GetLogPageCommand.LID.set(sqe, GetLogPageCommand.LID_ANA);
                GetLogPageCommand.LSP.set(sqe, AnaLog.LSP_GROUPS_ONLY);
                GetLogPageCommand.NUMDL.set(sqe, LOG_BYTES / 4 - 1);
            }, LOG_BYTES).data();
            long second = Host.look(stage, groupsOnly, at ->
                AnaGroupDescriptor.AGID.get(at + AnaLog.BYTES + AnaGroupDescriptor.BYTES));
            assertEquals(2, second);
            stage.close();
        });
    }
}
