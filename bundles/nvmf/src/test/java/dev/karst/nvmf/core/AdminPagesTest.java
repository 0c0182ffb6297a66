package dev.karst.nvmf.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.bdev.IoType;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.FeaturesCommand;
import dev.karst.spec.nvme.GetLogPageCommand;
import dev.karst.spec.nvme.IdentifyCommand;
import dev.karst.spec.nvme.IdentifyController;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvme.log.EffectsLog;
import dev.karst.spec.nvme.log.ErrorLogEntry;
import dev.karst.spec.nvme.log.HealthLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the pages of the admin commands say. */
class AdminPagesTest {
    private static final int INVALID_FIELD = NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;

    @Test
    void shouldListTheLastErrorsOfAllQueuesNewestFirst() {
        SimWorld.run(1, 5, world -> {
            Stage stage = Stage.usual(world);
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactor(world.reactors().all().size() - 1));
            assertEquals(INVALID_FIELD, host.identify(0xee, 0).status());
            var wrong = host.read(io, 8192, 1, 512);
            assertEquals(NvmeStatus.LBA_OUT_OF_RANGE | NvmeStatus.DNR, wrong.status());
            byte[] log = host.log(GetLogPageCommand.LID_ERROR, 0, 192).data();
            List<Object> first = Host.look(stage, log, at -> List.of(
                ErrorLogEntry.ECNT.get(at), ErrorLogEntry.SQID.get(at), ErrorLogEntry.STS.get(at) >> 1,
                ErrorLogEntry.LBA.get(at), ErrorLogEntry.NSID.get(at), ErrorLogEntry.OPC.get(at)));
            assertEquals(List.of(2L, 1, wrong.status(), 8192L, 1L, Opcode.NVM_READ), first);
            List<Object> second = Host.look(stage, log, at -> List.of(
                ErrorLogEntry.ECNT.get(at + 64), ErrorLogEntry.SQID.get(at + 64), ErrorLogEntry.ECNT.get(at + 128)));
            assertEquals(List.of(1L, 0, 0L), second);
            byte[] health = host.log(GetLogPageCommand.LID_HEALTH, 0, 512).data();
            assertEquals(2L, (long) Host.look(stage, health, at -> Mem.getLong(HealthLog.NEILE.at(at))));
            stage.close();
        });
    }

    @Test
    void shouldKeepTheLast128ErrorsAndNoMore() {
        SimWorld.run(2, 1, world -> {
            Stage stage = Stage.usual(world);
            var host = new Host(stage, world.reactor(0));
            for (int i = 0; i < 300; i++) {
                assertEquals(INVALID_FIELD, host.identify(0xee, 0).status());
            }
            byte[] log = host.log(GetLogPageCommand.LID_ERROR, 0, 128 * 64).data();
            assertEquals(300, Host.look(stage, log, ErrorLogEntry.ECNT::get));
            assertEquals(173L, (long) Host.look(stage, log, at -> ErrorLogEntry.ECNT.get(at + 127 * 64)));
            assertEquals(INVALID_FIELD, host.log(GetLogPageCommand.LID_ERROR, 128 * 64 + 4, 4).status());
            stage.call("nvmf_set_crdt", "crdt1", 3, "crdt3", 65535);
            byte[] controller = host.identify(IdentifyCommand.CNS_CONTROLLER, 0).data();
            assertEquals(3, Host.look(stage, controller, IdentifyController.CRDT1::get));
            assertEquals(0, Host.look(stage, controller, IdentifyController.CRDT2::get));
            assertEquals(65535, Host.look(stage, controller, IdentifyController.CRDT3::get));
            assertEquals(127, Host.look(stage, controller, IdentifyController.ELPE::get));
            stage.close();
        });
    }

    @Test
    void shouldTellTheHostWhenAnErrorLiesHereAndOnlyOnceUntilItHasRead() {
        SimWorld.run(8, 10, world -> {
            Stage stage = Stage.usual(world);
            stage.module.create("Broken", 64, false, false);
            stage.module.failing.put(IoType.READ, Status.errno(29));
            stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace", Map.of("bdev_name", "Broken"));
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactors().next());
            var first = host.event();
            for (int i = 0; i < 3; i++) {
                assertEquals(NvmeStatus.INTERNAL_ERROR, failingRead(stage, io));
            }
            assertEquals(0x01_05_00, world.get(first).result());
            var second = host.event();
            assertEquals(NvmeStatus.INTERNAL_ERROR, failingRead(stage, io));
            world.settle(1);
            FakeConnection.check(!second.isDone(), "told again before the log was read");
            host.log(GetLogPageCommand.LID_ERROR, 0, 64);
            assertEquals(0x01_05_00, world.get(second).result());
            stage.close();
        });
    }

    private static int failingRead(Stage stage, FakeConnection io) throws Exception {
        return Host.send(stage, io, sqe -> {
            Host.transfer(sqe, Opcode.NVM_READ, 0, 1);
            Sqe.NSID.set(sqe, 2);
        }, 512, null).status();
    }

    @Test
    void shouldNameInItsLogsExactlyTheFeaturesThatItHas() {
        SimWorld.run(3, 1, world -> {
            Stage stage = Stage.usual(world);
            var host = new Host(stage, world.reactor(0));
            byte[] log = host.log(GetLogPageCommand.LID_FEATURES, 0, 1024).data();
            for (int feature = 0; feature < 256; feature++) {
                int at = feature * 4;
                boolean named = Host.look(stage, log, page -> (Mem.getInt(page + at) & EffectsLog.CSUPP) != 0);
                int identifier = feature;
                int status = host.admin(Opcode.ADMIN_GET_FEATURES, sqe -> {
                    Sqe.NSID.set(sqe, 1);
                    FeaturesCommand.FID.set(sqe, identifier);
                    FeaturesCommand.SEL.set(sqe, FeaturesCommand.SEL_CAPABILITIES);
                }).status();
                assertEquals(named ? 0 : INVALID_FIELD, status, "feature " + feature);
            }
            stage.close();
        });
    }

    @Test
    void shouldAnswerExactlyTheLogPagesThatItNames() {
        SimWorld.run(4, 1, world -> {
            Stage stage = Stage.usual(world);
            var host = new Host(stage, world.reactor(0));
            byte[] log = host.log(GetLogPageCommand.LID_SUPPORTED, 0, 1024).data();
            for (int page = 0; page < 256; page++) {
                int at = page * 4;
                boolean named = Host.look(stage, log, start -> Mem.getInt(start + at) != 0);
                assertEquals(named ? 0 : NvmeStatus.INVALID_LOG_PAGE | NvmeStatus.DNR, host.log(page, 0, 16).status(),
                    "page " + page);
            }
            stage.close();
        });
    }

    @Test
    void shouldTellDefaultsApartFromWhatIsSet() {
        SimWorld.run(5, 1, world -> {
            Stage stage = Stage.usual(world);
            var host = new Host(stage, world.reactor(0));
            assertEquals(0, host.setFeature(FeaturesCommand.FID_ARBITRATION, 5).status());
            assertEquals(0, host.setFeature(FeaturesCommand.FID_KEEP_ALIVE_TIMER, 50_000).status());
            for (int select : new int[] {FeaturesCommand.SEL_DEFAULT, FeaturesCommand.SEL_SAVED}) {
                assertEquals(0, selected(host, FeaturesCommand.FID_ARBITRATION, select));
                assertEquals(0, selected(host, FeaturesCommand.FID_KEEP_ALIVE_TIMER, select));
                assertEquals(1, selected(host, FeaturesCommand.FID_VOLATILE_WRITE_CACHE, select));
            }
            assertEquals(5, selected(host, FeaturesCommand.FID_ARBITRATION, FeaturesCommand.SEL_CURRENT));
            stage.close();
        });
    }

    private static long selected(Host host, int feature, int select) throws Exception {
        return host.admin(Opcode.ADMIN_GET_FEATURES, sqe -> {
            FeaturesCommand.FID.set(sqe, feature);
            FeaturesCommand.SEL.set(sqe, select);
        }).result();
    }

    @Test
    void shouldListControllersFromTheOneThatIsNamed() {
        SimWorld.run(6, 1, world -> {
            Stage stage = Stage.usual(world);
            var hosts = new ArrayList<Host>();
            for (int i = 0; i < 3; i++) {
                hosts.add(new Host(stage, world.reactor(0)));
            }
            assertEquals(List.of(1, 2, 3), controllers(hosts.getFirst(), IdentifyCommand.CNS_CONTROLLERS, 0, 0));
            assertEquals(List.of(2, 3), controllers(hosts.getFirst(), IdentifyCommand.CNS_NAMESPACE_CONTROLLERS, 1, 2));
            assertEquals(NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR,
                hosts.getFirst().identify(IdentifyCommand.CNS_NAMESPACE_CONTROLLERS, 2).status());
            stage.close();
        });
    }

    private static List<Integer> controllers(Host host, int cns, int nsid, int from) throws Exception {
        byte[] data = host.admin(Opcode.ADMIN_IDENTIFY, sqe -> {
            IdentifyCommand.CNS.set(sqe, cns);
            IdentifyCommand.CNTID.set(sqe, from);
            Sqe.NSID.set(sqe, nsid);
        }, IdentifyCommand.DATA_BYTES).data();
        return Host.look(host.stage, data, at -> {
            var found = new ArrayList<Integer>();
            for (int i = 1; i <= Mem.getShort(at); i++) {
                found.add((int) Mem.getShort(at + 2L * i));
            }
            return found;
        });
    }

    @Test
    void shouldListAllocatedNamespacesAsActiveOnes() {
        SimWorld.run(7, 1, world -> {
            Stage stage = Stage.usual(world);
            var host = new Host(stage, world.reactor(0));
            assertArrayEquals(host.identify(IdentifyCommand.CNS_ACTIVE_NAMESPACES, 0).data(),
                host.identify(IdentifyCommand.CNS_ALLOCATED_NAMESPACES, 0).data());
            assertArrayEquals(host.identify(IdentifyCommand.CNS_NAMESPACE, 1).data(),
                host.identify(IdentifyCommand.CNS_ALLOCATED_NAMESPACE, 1).data());
            stage.close();
        });
    }
}
