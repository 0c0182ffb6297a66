package dev.karst.nvmf.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.FeaturesCommand;
import dev.karst.spec.nvme.IdentifyCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Property;
import dev.karst.spec.nvme.Sqe;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How controllers stop, are forgotten, are made to wait, and are handed over. */
class ControllerLifeTest {
    private static Stage cached(SimWorld world) throws Exception {
        Stage stage = Stage.usual(world);
        stage.module.create("Cached", 64, false, true);
        stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace", Map.of("bdev_name", "Cached"));
        return stage;
    }

    private static void shutDown(Host host, int how) throws Exception {
        assertEquals(0, host.setProperty(Property.CC, Host.CC_ENABLE | how << Property.CC_SHN_SHIFT).status());
    }

    /** A host that shuts its controller down, whose flush does not end yet. */
    private static Host flushing(Stage stage, SimWorld world) throws Exception {
        var host = new Host(stage, world.reactor(0));
        host.ioQueue(world.reactors().next());
        stage.module.holds = true;
        shutDown(host, 1);
        world.until(() -> stage.module.held.size() == 1);
        return host;
    }

    @Test
    void shouldFlushVolatileCachesBeforeItSaysThatItIsShutDown() {
        SimWorld.run(1, 10, world -> {
            Stage stage = cached(world);
            Host host = flushing(stage, world);
            assertEquals(IoType.FLUSH, stage.module.held.getFirst().type);
            assertEquals(Property.CSTS_RDY | Property.CSTS_SHST_OCCURRING, host.property(Property.CSTS));
            stage.module.release();
            world.settle(1);
            assertEquals(Property.CSTS_RDY | Property.CSTS_SHST_COMPLETE, host.property(Property.CSTS));
            stage.close();
        });
    }

    @Test
    void shouldNotFlushWhenTheHostCannotWait() {
        SimWorld.run(2, 3, world -> {
            Stage stage = cached(world);
            var host = new Host(stage, world.reactor(0));
            host.ioQueue(world.reactors().next());
            stage.module.holds = true;
            shutDown(host, 2);
            world.settle(1);
            assertEquals(Property.CSTS_RDY | Property.CSTS_SHST_COMPLETE, host.property(Property.CSTS));
            stage.module.release();
            stage.close();
        });
    }

    @Test
    void shouldReportAFatalStatusWhenItCannotStopInTime() {
        SimWorld.run(3, 3, world -> {
            Stage stage = cached(world);
            Host host = flushing(stage, world);
            world.runFor(15_100);
            assertEquals(Property.CSTS_RDY | Property.CSTS_SHST_OCCURRING | Property.CSTS_CFS,
                host.property(Property.CSTS));
            stage.module.release();
            stage.close();
        });
    }

    @Test
    void shouldForgetAControllerThatIsNotEnabledAgain() {
        SimWorld.run(4, 3, world -> {
            Stage stage = Stage.usual(world);
            var host = new Host(stage, world.reactor(0));
            assertEquals(0, host.setProperty(Property.CC, 0).status());
            world.runFor(119_000);
            assertTrue(!host.admin.closing, "ended too early");
            world.runFor(2_000);
            assertTrue(host.admin.released, "not ended");
            assertTrue(stage.target.subsystem(Stage.NQN).controllers().isEmpty());
            stage.close();
        });
    }

    @Test
    void shouldStayWhenItIsEnabledAgainInTime() {
        SimWorld.run(5, 3, world -> {
            Stage stage = Stage.usual(world);
            var host = new Host(stage, world.reactor(0));
            for (int i = 0; i < 100; i++) {
                host.setProperty(Property.CC, i % 2 == 0 ? 0 : Host.CC_ENABLE);
            }
            world.runFor(200_000);
            assertEquals(Property.CSTS_RDY, host.property(Property.CSTS));
            stage.close();
        });
    }

    @Test
    void shouldHoldCommandsAndFailNoneWhileItIsPaused() {
        SimWorld.run(6, 20, world -> {
            Stage stage = Stage.usual(world);
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactors().next());
            stage.call("karst_nvmf_subsystem_pause", "nqn", Stage.NQN);
            var read = world.call(io.reactor(), () ->
                io.send(sqe -> Host.transfer(sqe, Opcode.NVM_READ, 0, 1), 512, null).answered);
            var identify = world.call(world.reactor(0), () -> host.admin.send(sqe -> {
                Sqe.OPC.set(sqe, Opcode.ADMIN_IDENTIFY);
                IdentifyCommand.CNS.set(sqe, IdentifyCommand.CNS_CONTROLLER);
            }, 4096, null).answered);
            assertEquals(0, host.admin(Opcode.ADMIN_KEEP_ALIVE, _ -> { }).status());
            FakeConnection late = host.ioQueue(world.reactors().next());
            var lateRead = world.call(late.reactor(), () ->
                late.send(sqe -> Host.transfer(sqe, Opcode.NVM_READ, 0, 1), 512, null).answered);
            world.runFor(1_000);
            assertTrue(!read.isDone() && !identify.isDone() && !lateRead.isDone(), "executed while paused");
            stage.call("karst_nvmf_subsystem_resume", "nqn", Stage.NQN);
            assertEquals(0, world.get(read).status());
            assertEquals(0, world.get(identify).status());
            assertEquals(0, world.get(lateRead).status());
            assertThrows(StorageException.class, () -> stage.call("karst_nvmf_subsystem_resume", "nqn", Stage.NQN));
            stage.close();
        });
    }

    @Test
    void shouldWaitForWhatIsInFlightWhenItIsPaused() {
        SimWorld.run(7, 5, world -> {
            Stage stage = cached(world);
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactors().next());
            stage.module.holds = true;
            var held = world.call(io.reactor(), () -> io.send(sqe -> {
                Host.transfer(sqe, Opcode.NVM_READ, 0, 1);
                Sqe.NSID.set(sqe, 2);
            }, 512, null).answered);
            world.until(() -> stage.module.held.size() == 1);
            assertThrows(StorageException.class, () -> stage.call("karst_nvmf_subsystem_pause", "nqn", Stage.NQN));
            stage.module.release();
            assertEquals(0, world.get(held).status());
            stage.call("karst_nvmf_subsystem_pause", "nqn", Stage.NQN);
            stage.call("karst_nvmf_subsystem_resume", "nqn", Stage.NQN);
            stage.close();
        });
    }

    @Test
    void shouldEndWhatIsHeldWhenTheHostGoes() {
        SimWorld.run(8, 20, world -> {
            Stage stage = Stage.usual(world);
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactors().next());
            stage.call("karst_nvmf_subsystem_pause", "nqn", Stage.NQN);
            var read = world.call(io.reactor(), () ->
                io.send(sqe -> Host.transfer(sqe, Opcode.NVM_READ, 0, 1), 512, null).answered);
            var identify = world.call(world.reactor(0), () ->
                host.admin.send(sqe -> Sqe.OPC.set(sqe, Opcode.ADMIN_GET_LOG_PAGE), 512, null).answered);
            world.call(world.reactor(0), () -> {
                host.admin.disconnect("the host goes");
                return null;
            });
            assertEquals(NvmeStatus.ABORTED_SQ_DELETION, world.get(read).status());
            assertEquals(NvmeStatus.ABORTED_SQ_DELETION, world.get(identify).status());
            world.until(() -> io.released && host.admin.released);
            stage.close();
        });
    }

    /** A host with a controller that has been used; gives what its successor gets. */
    private static byte[] handOver(Stage stage, Host host) throws Exception {
        assertEquals(0, host.setFeature(FeaturesCommand.FID_TEMPERATURE_THRESHOLD, 321).status());
        assertEquals(0, host.setFeature(FeaturesCommand.FID_KEEP_ALIVE_TIMER, 50_000).status());
        assertEquals(0, host.setFeature(FeaturesCommand.FID_ARBITRATION, 5).status());
        byte[] state = stage.world.call(host.admin.reactor(), () -> {
            byte[] left = host.admin.queue.handOver();
            stage.transport.connections.remove(host.admin);
            return left;
        });
        // The old controller has gone when what was sent to its reactor has been run.
        stage.world.settle(1);
        return state;
    }

    private static String takeOver(Stage stage, FakeConnection connection, byte[] state) throws Exception {
        var done = new CompletableFuture<String>();
        return stage.world.get(stage.world.call(connection.reactor(), () -> {
            connection.queue.takeOver(state, done::complete);
            return done;
        }));
    }

    private static int get(Stage stage, FakeConnection connection, int feature) throws Exception {
        var answer = Host.send(stage, connection, sqe -> {
            Sqe.OPC.set(sqe, Opcode.ADMIN_GET_FEATURES);
            FeaturesCommand.FID.set(sqe, feature);
        }, 0, null);
        assertEquals(0, answer.status());
        return (int) answer.result();
    }

    @Test
    void shouldHaveTheSameFeaturesWhenAnotherQueueTakesItOver() {
        SimWorld.run(20, 5, world -> {
            Stage stage = Stage.usual(world);
            var host = new Host(stage, world.reactor(0));
            byte[] state = handOver(stage, host);
            FakeConnection next = stage.connect(world.reactor(0));
            assertNull(takeOver(stage, next, state));
            assertEquals(321, get(stage, next, FeaturesCommand.FID_TEMPERATURE_THRESHOLD));
            assertEquals(50_000, get(stage, next, FeaturesCommand.FID_KEEP_ALIVE_TIMER));
            assertEquals(5, get(stage, next, FeaturesCommand.FID_ARBITRATION));
            assertEquals(host.cntlid, stage.target.subsystem(Stage.NQN).controllers().iterator().next().cntlid);
            FakeConnection second = stage.connect(world.reactor(0));
            assertEquals("there is a controller " + host.cntlid + " of " + Stage.NQN, takeOver(stage, second, state));
            stage.close();
        });
    }

    @Test
    void shouldRefuseWhenTheHostIsNotAllowedAnyMore() {
        SimWorld.run(30, 3, world -> {
            Stage stage = Stage.usual(world);
            byte[] state = handOver(stage, new Host(stage, world.reactor(0)));
            stage.call("nvmf_subsystem_remove_host", "nqn", Stage.NQN, "host", Stage.HOST);
            String refusal = takeOver(stage, stage.connect(world.reactor(0)), state);
            assertEquals("host " + Stage.HOST + " may not use " + Stage.NQN, refusal);
            stage.close();
        });
    }

    @Test
    void shouldTakeOverOrRefuseAndLeaveNothingWhenTheStateIsAnotherVersionsOrDamaged() {
        SimWorld.run(40, 3, world -> {
            Stage stage = Stage.usual(world);
            byte[] good = handOver(stage, new Host(stage, world.reactor(0)));
            int refused = 0;
            for (int i = 0; i < 300; i++) {
                byte[] bad = Arrays.copyOf(good, world.random().oneIn(8) ? world.random().below(good.length) : good.length);
                int at = bad.length < 2 ? 0 : world.random().below(world.random().oneIn(2) ? bad.length : Math.min(400, bad.length));
                if (bad.length > 0) {
                    bad[at] ^= (byte) (1 << world.random().below(8));
                }
                FakeConnection next = stage.connect(world.reactor(0));
                String refusal = takeOver(stage, next, bad);
                refused += refusal == null ? 0 : 1;
                world.call(next.reactor(), () -> {
                    next.disconnect("the test is over");
                    return null;
                });
                world.get(next.gone);
                world.settle(1);
            }
            assertTrue(refused > 50, refused + " of 300 were refused");
            assertEquals(0, stage.target.subsystem(Stage.NQN).controllers().size());
            byte[] newer = good.clone();
            newer[3]++;
            assertTrue(takeOver(stage, stage.connect(world.reactor(0)), newer).contains("version 2"));
            stage.close();
        });
    }
}
