package dev.karst.nvmf.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.karst.base.Status;
import dev.karst.bdev.IoType;
import dev.karst.nvmf.core.FakeConnection.Answer;
import dev.karst.nvmf.core.FakeConnection.Request;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.AbortCommand;
import dev.karst.spec.nvme.NvmCommand;
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

/** Fused Compare and Write: what belongs together, what both end with, and that each ends once. */
class FusedTest {
    private static final int DNR = NvmeStatus.DNR;
    private static final int MISSING = NvmeStatus.ABORTED_MISSING_FUSED | DNR;
    private static final int FAILED = NvmeStatus.ABORTED_FAILED_FUSED;
    private static final int INVALID = NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR;
    private static final byte[] ZEROS = new byte[512];
    private static final byte[] ONES = filled(1);
    private static final LongConsumer AS_IS = sqe -> { };

    /** Something done with a host and an I/O queue; namespace 2 is a device with a volatile cache, of 256 blocks. */
    private interface Body {
        void run(Stage stage, Host host, FakeConnection io) throws Exception;
    }

    private static void with(Body body) {
        SimWorld.run(1, 6, world -> {
            Stage stage = Stage.usual(world);
            stage.module.create("Slow", 256, false, true);
            stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace", Map.of("bdev_name", "Slow"));
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactors().next());
            io.random = world.random();
            io.lateNanos = world.seed() % 2 == 0 ? 0 : 5_000;
            stage.module.seen.clear();
            body.run(stage, host, io);
            stage.close();
        });
    }

    private static byte[] filled(int value) {
        byte[] data = new byte[512];
        Arrays.fill(data, (byte) value);
        return data;
    }

    /** A command and the data that goes with it. */
    private record Part(LongConsumer command, byte[] data) {}

    private static Part part(LongConsumer command, byte[] data) {
        return new Part(command, data);
    }

    private static LongConsumer command(int fuse, int opcode, LongConsumer change) {
        return sqe -> {
            Host.transfer(sqe, opcode, 9, 1);
            Sqe.NSID.set(sqe, 2);
            Sqe.FUSE.set(sqe, fuse);
            change.accept(sqe);
        };
    }

    private static LongConsumer first(LongConsumer change) {
        return command(Sqe.FUSE_FIRST, Opcode.NVM_COMPARE, change);
    }

    private static LongConsumer second(LongConsumer change) {
        return command(Sqe.FUSE_SECOND, Opcode.NVM_WRITE, change);
    }

    /** Sends one after the other, and waits for all. */
    private static List<Answer> send(Stage stage, FakeConnection io, Part... commands)
        throws Exception {
        var answers = new ArrayList<Answer>();
        for (Request request : begin(stage, io, commands)) {
            answers.add(stage.world.get(request.answered));
        }
        return answers;
    }

    private static List<Request> begin(Stage stage, FakeConnection io, Part... commands)
        throws Exception {
        return stage.world.call(io.reactor(), () -> {
            var sent = new ArrayList<Request>();
            for (var command : commands) {
                sent.add(io.send(command.command(), 0, command.data()));
            }
            return sent;
        });
    }

    private static void expect(List<Answer> answers, int... statuses) {
        assertEquals(Arrays.stream(statuses).mapToObj(NvmeStatus::text).toList(),
            answers.stream().map(answer -> NvmeStatus.text(answer.status())).toList());
    }

    private static byte[] block(Stage stage, FakeConnection io) throws Exception {
        return Host.send(stage, io, sqe -> {
            Host.transfer(sqe, Opcode.NVM_READ, 9, 1);
            Sqe.NSID.set(sqe, 2);
        }, 512, null).data();
    }

    @Test
    void shouldWriteWhenTheComparisonHolds() {
        with((stage, host, io) -> {
            expect(send(stage, io, part(first(AS_IS), ZEROS), part(second(AS_IS), ONES)), 0, 0);
            assertEquals(List.of("COMPARE_AND_WRITE 9+1"), stage.module.seen);
            assertArrayEquals(ONES, block(stage, io));
        });
    }

    @Test
    void shouldWriteNothingWhenItDoesNot() {
        with((stage, host, io) -> {
            expect(send(stage, io, part(first(AS_IS), ONES), part(second(AS_IS), ONES)),
                NvmeStatus.COMPARE_FAILURE, FAILED);
            assertArrayEquals(ZEROS, block(stage, io));
        });
    }

    @Test
    void shouldFlushAfterAWriteWithForcedAccess() {
        with((stage, host, io) -> {
            expect(send(stage, io, part(first(AS_IS), ZEROS),
                part(second(sqe -> NvmCommand.FUA.set(sqe, 1)), ONES)), 0, 0);
            assertEquals(List.of("COMPARE_AND_WRITE 9+1", "FLUSH 0+256"), stage.module.seen);
        });
    }

    @Test
    void shouldEndBothWithWhatTheDeviceSays() {
        with((stage, host, io) -> {
            stage.module.failing.put(IoType.COMPARE_AND_WRITE, Status.errno(5));
            expect(send(stage, io, part(first(AS_IS), ZEROS), part(second(AS_IS), ONES)),
                NvmeStatus.WRITE_FAULT, NvmeStatus.WRITE_FAULT);
        });
    }

    @Test
    void shouldTakeNoHalfOfAPairN50() {
        with((stage, host, io) -> {
            LongConsumer plain = command(0, Opcode.NVM_WRITE, AS_IS);
            LongConsumer both = command(3, Opcode.NVM_WRITE, AS_IS);
            expect(send(stage, io, part(second(AS_IS), ONES)), MISSING);
            expect(send(stage, io, part(both, ONES)), INVALID);
            expect(send(stage, io, part(first(AS_IS), ZEROS), part(plain, ZEROS),
                part(second(AS_IS), ONES)), MISSING, 0, MISSING);
            expect(send(stage, io, part(first(AS_IS), ZEROS), part(first(AS_IS), ZEROS),
                part(second(AS_IS), ONES)), MISSING, 0, 0);
            expect(send(stage, io, part(first(AS_IS), ONES), part(both, ONES),
                part(second(AS_IS), ONES)), MISSING, INVALID, MISSING);
        });
    }

    @Test
    void shouldFuseOnlyWhatIsAboutTheSameBlocksN50() {
        with((stage, host, io) -> {
            var compare = part(first(AS_IS), ZEROS);
            expect(send(stage, io, compare, part(second(sqe -> Sqe.NSID.set(sqe, 1)), ONES)), MISSING, MISSING);
            expect(send(stage, io, compare, part(second(sqe -> NvmCommand.SLBA.set(sqe, 8)), ONES)),
                INVALID, INVALID);
            expect(send(stage, io, compare, part(second(sqe -> NvmCommand.NLB.set(sqe, 1)), ONES)),
                INVALID, INVALID);
            assertEquals(List.of(), stage.module.seen);
        });
    }

    @Test
    void shouldFailBothWhenOneIsWrong() {
        with((stage, host, io) -> {
            var write = part(second(AS_IS), ONES);
            LongConsumer outside = sqe -> NvmCommand.SLBA.set(sqe, 256);
            LongConsumer nowhere = sqe -> Sqe.NSID.set(sqe, 7);
            LongConsumer reading = sqe -> Sqe.OPC.set(sqe, Opcode.NVM_READ);
            expect(send(stage, io, part(first(outside), ZEROS), part(second(outside), ONES)),
                NvmeStatus.LBA_OUT_OF_RANGE | DNR, FAILED);
            expect(send(stage, io, part(first(nowhere), ZEROS), part(second(nowhere), ONES)),
                NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | DNR, FAILED);
            expect(send(stage, io, part(first(sqe -> Sqe.OPC.set(sqe, Opcode.NVM_WRITE)), ZEROS), write),
                INVALID, FAILED);
            expect(send(stage, io, part(first(AS_IS), ZEROS),
                part(second(sqe -> Sqe.OPC.set(sqe, Opcode.NVM_COMPARE)), ONES)), FAILED, INVALID);
            expect(send(stage, io, part(first(sqe -> Sqe.PSDT.set(sqe, 0)), ZEROS), write), INVALID, FAILED);
            expect(send(stage, io, part(first(AS_IS), ZEROS), part(second(AS_IS), new byte[8])),
                FAILED, NvmeStatus.DATA_SGL_LENGTH_INVALID | DNR);
            assertEquals(List.of(), stage.module.seen);
        });
    }

    @Test
    void shouldHoldTheSizeThatCanBeDoneAtOnce() {
        with((stage, host, io) -> {
            int tooLarge = NvmeStatus.ATOMIC_WRITE_UNIT_EXCEEDED | DNR;
            LongConsumer large = sqe -> NvmCommand.NLB.set(sqe, 128);
            expect(send(stage, io, part(first(large), ZEROS), part(second(large), ZEROS)), tooLarge, FAILED);
            LongConsumer largest = sqe -> NvmCommand.NLB.set(sqe, 127);
            expect(send(stage, io, part(first(largest), ZEROS), part(second(largest), ZEROS)),
                NvmeStatus.DATA_SGL_LENGTH_INVALID | DNR, FAILED);
        });
    }

    @Test
    void shouldFuseNothingOnAnAdminQueueN50() {
        with((stage, host, io) -> {
            for (int fuse = 1; fuse <= 3; fuse++) {
                int each = fuse;
                assertEquals(INVALID, host.admin(Opcode.ADMIN_KEEP_ALIVE, sqe -> Sqe.FUSE.set(sqe, each)).status());
            }
        });
    }

    private static long abort(Host host, int cid) throws Exception {
        return host.admin(Opcode.ADMIN_ABORT, sqe -> {
            AbortCommand.SQID.set(sqe, 1);
            AbortCommand.CID.set(sqe, cid);
        }).result();
    }

    @Test
    void shouldFailTheSecondWhenTheFirstWasAbortedBefore() {
        with((stage, host, io) -> {
            io.lateNanos = 0;
            Request waiting = begin(stage, io, part(first(sqe -> Sqe.CID.set(sqe, 500)), ZEROS)).getFirst();
            assertEquals(0, abort(host, 500));
            assertEquals(NvmeStatus.COMMAND_ABORT_REQUESTED, stage.world.get(waiting.answered).status());
            expect(send(stage, io, part(second(AS_IS), ONES)), FAILED);
            assertArrayEquals(ZEROS, block(stage, io));
        });
    }

    @Test
    void shouldAbortBothWhenTheDeviceHasThem() {
        for (int cid : new int[] {500, 501}) {
            with((stage, host, io) -> {
                stage.module.holds = true;
                List<Request> sent = begin(stage, io, part(first(sqe -> Sqe.CID.set(sqe, 500)), ZEROS),
                    part(second(sqe -> Sqe.CID.set(sqe, 501)), ONES));
                stage.world.until(() -> stage.module.held.size() == 1);
                abort(host, cid);
                for (Request request : sent) {
                    assertEquals(NvmeStatus.COMMAND_ABORT_REQUESTED, stage.world.get(request.answered).status());
                }
                stage.module.holds = false;
            });
        }
    }

    @Test
    void shouldFailTheOtherWhenTheTransportLosesOne() {
        with((stage, host, io) -> {
            io.corruptOneIn = 2;
            int lost = 0;
            for (int i = 0; i < 20; i++) {
                List<Answer> answers = send(stage, io, part(first(AS_IS), ZEROS), part(second(AS_IS), ZEROS));
                int one = answers.get(0).status();
                int two = answers.get(1).status();
                boolean either = one == NvmeStatus.TRANSIENT_TRANSPORT_ERROR
                    || two == NvmeStatus.TRANSIENT_TRANSPORT_ERROR;
                assertEquals(either, one != 0);
                assertEquals(either, two != 0);
                lost += either ? 1 : 0;
            }
            io.corruptOneIn = 0;
            assertFalse(lost == 0 || lost == 20, "no chance at work");
        });
    }

    @Test
    void shouldEndEachOnceWhenTheConnectionGoes() {
        SimWorld.run(100, 60, world -> {
            Stage stage = Stage.usual(world);
            stage.module.create("Slow", 256, false, true);
            stage.module.usualNanos = world.random().below(10_000);
            stage.module.refuseOneIn = new int[] {0, 2, 3}[world.random().below(3)];
            stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace", Map.of("bdev_name", "Slow"));
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactors().next());
            io.random = world.random().split();
            io.lateNanos = 5_000;
            world.on(io.reactor(), () -> {
                for (int i = world.random().below(15); i >= 0; i--) {
                    io.send(first(AS_IS), 0, ZEROS);
                    if (i > 0) {
                        io.send(second(AS_IS), 0, ZEROS);
                    }
                }
            });
            world.runFor(world.random().below(20));
            world.on(io.reactor(), () -> io.disconnect("gone"));
            world.until(() -> io.released);
            stage.close();
            assertEquals(0, stage.module.inFlight);
        });
    }

    /** Several hosts count up one block, each by comparing and writing what it read: no step may be lost. */
    @Test
    void shouldLoseNoStepWhenSeveralCountInOneBlock() {
        SimWorld.run(200, 20, world -> assertEquals(40, countTogether(world, false)));
    }

    @Test
    void shouldNoticeWhenTheDeviceDoesItInTwoSteps() {
        int noticed = 0;
        for (int seed = 0; seed < 10; seed++) {
            try (var world = new SimWorld(seed, 2)) {
                noticed += countTogether(world, true) < 40 ? 1 : 0;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
        assertEquals(10, noticed, "a device that compares and then writes went unnoticed");
    }

    private static int countTogether(SimWorld world, boolean inTwoSteps) throws Exception {
        Stage stage = Stage.usual(world);
        stage.module.create("Slow", 256, false, true);
        stage.module.usualNanos = 20_000;
        stage.module.comparesFirst = inTwoSteps;
        stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace", Map.of("bdev_name", "Slow"));
        var host = new Host(stage, world.reactor(0));
        var done = new ArrayList<CompletableFuture<Void>>();
        for (int i = 0; i < 4; i++) {
            FakeConnection io = host.ioQueue(world.reactors().next());
            io.random = world.random().split();
            io.lateNanos = 3_000;
            var mine = new CompletableFuture<Void>();
            done.add(mine);
            world.on(io.reactor(), () -> count(io, 10, mine));
        }
        for (var one : done) {
            world.get(one);
        }
        stage.module.usualNanos = 0;
        int counted = block(stage, host.io.getFirst())[0];
        stage.close();
        return counted;
    }

    private static void count(FakeConnection io, int left, CompletableFuture<Void> done) {
        if (left == 0) {
            done.complete(null);
            return;
        }
        io.send(command(0, Opcode.NVM_READ, AS_IS), 512, null).answered.thenAccept(read -> {
            byte[] more = read.data().clone();
            more[0]++;
            io.send(first(AS_IS), 0, read.data());
            io.send(second(AS_IS), 0, more).answered.thenAccept(
                written -> count(io, written.status() == 0 ? left - 1 : left, done));
        });
    }
}
