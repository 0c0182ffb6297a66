package dev.karst.nvmf.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.nvmf.core.FakeConnection.Answer;
import dev.karst.nvmf.core.reservation.ReferenceReservations;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

/** Several hosts, each with queues on several reactors, against the reference; and writes in flight against fences. */
class ReservationSimTest {
    private static final int HOSTS = 4;
    private static final int COMMANDS = 60;
    private static final int CONFLICT = NvmeStatus.RESERVATION_CONFLICT | NvmeStatus.DNR;
    private static final int SLOW_BLOCKS = 16;

    private int checked;

    @Test
    void shouldDoAsTheReferenceDoesOverTheWire() {
        SimWorld.run(1, 40, this::compare);
        assertTrue(checked > 2000 || Long.getLong("karst.sim.seed") != null, checked + " commands are too few to tell");
    }

    private void compare(SimWorld world) throws Exception {
        Stage stage = Stage.usual(world);
        var reference = new ReferenceReservations(HOSTS);
        var hosts = new ArrayList<ReservingHost>();
        for (int i = 0; i < HOSTS; i++) {
            hosts.add(new ReservingHost(stage, i, 2));
        }
        for (int i = 0; i < COMMANDS; i++) {
            int number = world.random().below(HOSTS);
            ReservingHost host = hosts.get(number);
            long current = world.random().oneIn(8) ? world.random().below(4) : reference.keys[number];
            long other = world.random().below(4);
            int type = 1 + world.random().below(6);
            int action = world.random().below(3);
            boolean ignore = world.random().oneIn(8);
            int expected;
            int actual;
            switch (world.random().below(4)) {
                case 0 -> {
                    expected = reference.register(number, action, ignore, 0, current, other);
                    actual = host.register(action, ignore, 0, current, other);
                }
                case 1, 2 -> {
                    expected = reference.acquire(number, action, false, type, current, other);
                    actual = host.acquire(action, type, current, other);
                }
                default -> {
                    int releasing = world.random().oneIn(4) ? 1 : 0;
                    int named = world.random().oneIn(6) ? type : reference.type;
                    expected = reference.release(number, releasing, false, named, current);
                    actual = host.release(releasing, named, current);
                }
            }
            assertEquals(NvmeStatus.text(expected), NvmeStatus.text(actual));
            checkIo(world, reference, hosts);
            checked++;
        }
        ReservingHost.Report report = hosts.getFirst().report();
        assertEquals(reference.generation, report.generation());
        assertEquals(Arrays.stream(reference.keys).filter(key -> key != 0).count(), report.count());
        stage.close();
    }

    private static void checkIo(SimWorld world, ReferenceReservations reference, List<ReservingHost> hosts)
        throws Exception {
        int number = world.random().below(HOSTS);
        assertEquals(reference.mayRead(number) ? 0 : CONFLICT, hosts.get(number).io(Opcode.NVM_READ));
        assertEquals(reference.mayWrite(number) ? 0 : CONFLICT, hosts.get(number).io(Opcode.NVM_WRITE));
    }

    /** With a second namespace on a device of the test's, reserved by nobody. */
    private static Stage slow(SimWorld world) throws Exception {
        Stage stage = Stage.usual(world);
        stage.call("nvmf_subsystem_remove_ns", "nqn", Stage.NQN, "nsid", 1);
        stage.module.create("Slow", SLOW_BLOCKS, false, world.random().oneIn(2));
        stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace", Map.of("bdev_name", "Slow", "nsid", 1L));
        return stage;
    }

    private static CompletableFuture<Answer> write(ReservingHost host, int block, int value) throws Exception {
        byte[] data = new byte[512];
        Arrays.fill(data, (byte) value);
        FakeConnection queue = host.queue();
        LongConsumer command = sqe -> {
            Host.transfer(sqe, Opcode.NVM_WRITE, block, 1);
            Sqe.CDW12.set(sqe, host.host.stage.world.random().oneIn(2) ? 1L << 30 : 0);
        };
        return host.host.stage.world.call(queue.reactor(), () -> queue.send(command, 0, data).answered);
    }

    @Test
    void shouldEndAPreemptionAfterTheWritesThatCameBefore() {
        SimWorld.run(1, 10, world -> {
            Stage stage = slow(world);
            var one = new ReservingHost(stage, 1, 2);
            var other = new ReservingHost(stage, 2, 2);
            assertEquals(0, one.join(1));
            assertEquals(0, other.join(2));
            stage.module.holds = true;
            CompletableFuture<Answer> write = write(other, 0, 7);
            world.until(() -> stage.module.held.size() == 1);
            CompletableFuture<Answer> acquired = one.beginAcquire(0, 1, 1, 0);
            world.settle(0);
            assertFalse(acquired.isDone(), "an older write may still land");
            assertEquals(CONFLICT, world.get(write(other, 0, 8)).status());
            stage.module.holds = false;
            stage.module.release();
            assertEquals(0, world.get(acquired).status());
            assertEquals(0, world.get(write).status());
            stage.close();
        });
    }

    @Test
    void shouldAbortTheWritesOfThoseWhoArePreempted() {
        SimWorld.run(1, 10, world -> {
            Stage stage = slow(world);
            var one = new ReservingHost(stage, 1, 2);
            var other = new ReservingHost(stage, 2, 2);
            var third = new ReservingHost(stage, 3, 1);
            assertEquals(0, one.join(1));
            assertEquals(0, other.join(2));
            stage.module.holds = true;
            CompletableFuture<Answer> write = write(other, 0, 7);
            CompletableFuture<Answer> read = third.host.stage.world.call(third.queue().reactor(), () -> third.queue().send(
                sqe -> Host.transfer(sqe, Opcode.NVM_READ, 0, 1), 512, null).answered);
            world.until(() -> stage.module.held.size() == 2);
            assertEquals(0, one.acquire(2, 1, 1, 2));
            assertTrue(write.isDone());
            assertEquals(NvmeStatus.text(NvmeStatus.COMMAND_ABORT_REQUESTED), NvmeStatus.text(write.get().status()));
            assertFalse(read.isDone(), "whom it does not concern is left alone");
            stage.module.holds = false;
            stage.module.release();
            assertEquals(0, world.get(read).status());
            stage.close();
        });
    }

    /** Whether a write of another host landed after the response that shut it out. */
    private static boolean landsLate(SimWorld world, boolean preempts) throws Exception {
        Stage stage = slow(world);
        stage.module.usualNanos = 1 + world.random().below(300_000);
        stage.module.refuseOneIn = world.random().oneIn(2) ? 3 : 0;
        var one = new ReservingHost(stage, 1, 2);
        var other = new ReservingHost(stage, 2, 3);
        assertEquals(0, one.join(1));
        assertEquals(0, other.join(2));
        assertEquals(0, other.acquire(0, 1 + world.random().below(6), 2, 0));
        boolean all = other.report().type() >= 5;
        var writes = new ArrayList<CompletableFuture<Answer>>();
        for (int i = 0; i < 20; i++) {
            writes.add(write(other, i % 4, 7));
        }
        if (preempts) {
            int action = 1 + world.random().below(2);
            assertEquals(0, one.acquire(action, 1 + world.random().below(6), 1, all ? 0 : 2));
            for (int i = 0; i < 5; i++) {
                assertEquals(CONFLICT, world.get(write(other, 0, 9)).status());
            }
        }
        if (!preempts && other.report().type() != 0) {
            assertEquals(0, other.release(0, other.report().type(), 2));
        }
        for (int block = 0; block < 4; block++) {
            assertEquals(0, world.get(write(one, block, 1)).status());
        }
        world.settle(1000);
        boolean late = false;
        for (int block = 0; block < 4; block++) {
            late |= one.host.read(one.queue(), block, 1, 512).data()[0] != 1;
        }
        for (CompletableFuture<Answer> write : writes) {
            assertTrue(write.isDone());
        }
        stage.close();
        return late;
    }

    @Test
    void shouldLetNoOlderWriteLandAfterAPreemption() {
        SimWorld.run(1, 70, world -> assertFalse(landsLate(world, true), "an older write landed"));
    }

    /** What the test before would see if nothing were fenced. */
    @Test
    void shouldFindOlderWritesWhenNobodyIsPreempted() {
        var late = new ArrayList<Long>();
        SimWorld.run(1, 40, world -> {
            if (landsLate(world, false)) {
                late.add(world.seed());
            }
        });
        assertTrue(late.size() > 5 || Long.getLong("karst.sim.seed") != null, "late only in " + late);
    }

    @Test
    void shouldEndCommandsWhenTheNamespaceGoes() {
        SimWorld.run(1, 20, world -> {
            Stage stage = slow(world);
            var one = new ReservingHost(stage, 1, 2);
            var other = new ReservingHost(stage, 2, 2);
            assertEquals(0, one.join(1));
            assertEquals(0, one.acquire(0, 2, 1, 0));
            stage.module.usualNanos = 100_000;
            var writes = new ArrayList<CompletableFuture<Answer>>();
            for (int i = 0; i < 8; i++) {
                writes.add(write(one, i, 7));
                writes.add(one.beginAcquire(1, 1 + i % 4, 1, 1));
            }
            stage.call("nvmf_subsystem_remove_ns", "nqn", Stage.NQN, "nsid", 1);
            for (CompletableFuture<Answer> write : writes) {
                int status = world.get(write).status();
                assertTrue(status == 0 || status == (NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR),
                    NvmeStatus.text(status));
            }
            stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace",
                Map.of("bdev_name", "Slow", "nsid", 1L));
            assertEquals(0, other.report().count());
            assertEquals(0, other.io(Opcode.NVM_WRITE));
            stage.close();
        });
    }
}
