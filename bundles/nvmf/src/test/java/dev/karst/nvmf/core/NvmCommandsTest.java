package dev.karst.nvmf.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.nvmf.core.FakeConnection.Answer;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.AbortCommand;
import dev.karst.spec.nvme.IdentifyCommand;
import dev.karst.spec.nvme.IdentifyController;
import dev.karst.spec.nvme.IdentifyNamespace;
import dev.karst.spec.nvme.NvmCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvme.nvm.CopyCommand;
import dev.karst.spec.nvme.nvm.DatasetManagementCommand;
import dev.karst.spec.nvme.nvm.IdentifyNvmController;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

/** Compare, Verify, Copy, Write Zeroes and Dataset Management, as hosts use them and as they should not. */
class NvmCommandsTest {
    private static final int DNR = NvmeStatus.DNR;
    /** NSID of a device with a volatile cache, of 256 blocks. */
    private static final int SLOW = 2;
    /** NSID of a device that is wider than a Copy may be. */
    private static final int WIDE = 3;

    /** Something done with a host and one of its I/O queues. */
    private interface Body {
        void run(Stage stage, Host host, FakeConnection io) throws Exception;
    }

    private static void with(Body body) {
        SimWorld.run(1, 3, world -> {
            Stage stage = Stage.usual(world);
            stage.module.create("Slow", 256, false, true);
            stage.module.create("Wide", 400_000, false, false);
            for (String name : List.of("Slow", "Wide")) {
                stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace", Map.of("bdev_name", name));
            }
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactors().next());
            io.pieces = 2;
            stage.module.seen.clear();
            body.run(stage, host, io);
            stage.close();
        });
    }

    private static void expect(int status, Answer answer) {
        assertEquals(NvmeStatus.text(status), NvmeStatus.text(answer.status()));
    }

    private static LongConsumer slow(int opcode, long slba, int blocks, LongConsumer more) {
        return sqe -> {
            Host.transfer(sqe, opcode, slba, blocks);
            Sqe.NSID.set(sqe, SLOW);
            more.accept(sqe);
        };
    }

    private static LongConsumer slow(int opcode, long slba, int blocks) {
        return slow(opcode, slba, blocks, sqe -> { });
    }

    private static byte[] filled(int bytes, int value) {
        byte[] data = new byte[bytes];
        Arrays.fill(data, (byte) value);
        return data;
    }

    private static void write(Stage stage, FakeConnection io, long slba, byte[] data) throws Exception {
        expect(0, Host.send(stage, io, slow(Opcode.NVM_WRITE, slba, data.length / 512), 0, data));
    }

    private static byte[] read(Stage stage, FakeConnection io, long slba, int blocks) throws Exception {
        Answer answer = Host.send(stage, io, slow(Opcode.NVM_READ, slba, blocks), blocks * 512, null);
        expect(0, answer);
        return answer.data();
    }

    @Test
    void shouldCompareWhatIsThereN61() {
        with((stage, host, io) -> {
            byte[] data = filled(1024, 5);
            write(stage, io, 4, data);
            expect(0, Host.send(stage, io, slow(Opcode.NVM_COMPARE, 4, 2), 0, data));
            data[1023] = 6;
            expect(NvmeStatus.COMPARE_FAILURE, Host.send(stage, io, slow(Opcode.NVM_COMPARE, 4, 2), 0, data));
        });
    }

    @Test
    void shouldHoldCompareToRangeAndLengthN61() {
        with((stage, host, io) -> {
            byte[] data = new byte[512];
            expect(NvmeStatus.LBA_OUT_OF_RANGE | DNR,
                Host.send(stage, io, slow(Opcode.NVM_COMPARE, 256, 1), 0, data));
            expect(NvmeStatus.LBA_OUT_OF_RANGE | DNR, Host.send(stage, io, slow(Opcode.NVM_COMPARE, -1, 2), 0, data));
            expect(NvmeStatus.DATA_SGL_LENGTH_INVALID | DNR,
                Host.send(stage, io, slow(Opcode.NVM_COMPARE, 0, 2), 0, data));
            assertEquals(List.of(), stage.module.seen);
        });
    }

    @Test
    void shouldFlushBeforeAComparisonWithForcedAccess() {
        with((stage, host, io) -> {
            expect(0, Host.send(stage, io,
                slow(Opcode.NVM_COMPARE, 7, 1, sqe -> NvmCommand.FUA.set(sqe, 1)), 0, new byte[512]));
            assertEquals(List.of("FLUSH 0+256", "COMPARE 7+1"), stage.module.seen);
        });
    }

    @Test
    void shouldVerifyARange() {
        with((stage, host, io) -> {
            expect(0, Host.send(stage, io, slow(Opcode.NVM_VERIFY, 7, 9), 0, null));
            assertEquals(List.of("VERIFY 7+9"), stage.module.seen);
            expect(NvmeStatus.LBA_OUT_OF_RANGE | DNR,
                Host.send(stage, io, slow(Opcode.NVM_VERIFY, 250, 7), 0, null));
            stage.module.failing.put(IoType.VERIFY, Status.errno(5));
            expect(NvmeStatus.UNRECOVERED_READ_ERROR, Host.send(stage, io, slow(Opcode.NVM_VERIFY, 7, 9), 0, null));
        });
    }

    @Test
    void shouldSayWhichCheckOfProtectionFailedN63() {
        with((stage, host, io) -> {
            Map<Integer, Integer> expected = Map.of(
                Status.GUARD_CHECK, NvmeStatus.END_TO_END_GUARD_CHECK_ERROR,
                Status.APPLICATION_TAG_CHECK, NvmeStatus.END_TO_END_APPLICATION_TAG_CHECK_ERROR,
                Status.REFERENCE_TAG_CHECK, NvmeStatus.END_TO_END_REFERENCE_TAG_CHECK_ERROR);
            for (var one : expected.entrySet()) {
                stage.module.failing.put(IoType.READ, one.getKey());
                expect(one.getValue(), Host.send(stage, io, slow(Opcode.NVM_READ, 0, 1), 512, null));
            }
        });
    }

    @Test
    void shouldWriteNothingUncorrectable() {
        with((stage, host, io) -> {
            expect(NvmeStatus.INVALID_COMMAND_OPCODE | DNR,
                Host.send(stage, io, slow(Opcode.NVM_WRITE_UNCORRECTABLE, 0, 1), 0, null));
            assertEquals(List.of(), stage.module.seen);
        });
    }

    @Test
    void shouldIgnoreProtectionWhereThereIsNoneN63() {
        with((stage, host, io) -> {
            byte[] data = filled(512, 3);
            LongConsumer protectedAll = sqe -> {
                NvmCommand.PRINFO.set(sqe, 15);
                NvmCommand.STC.set(sqe, 1);
                NvmCommand.LR.set(sqe, 1);
                NvmCommand.ILBRT.set(sqe, 99);
                NvmCommand.LBAT.set(sqe, 7);
            };
            expect(0, Host.send(stage, io, slow(Opcode.NVM_WRITE, 3, 1, protectedAll), 0, data));
            Answer answer = Host.send(stage, io, slow(Opcode.NVM_READ, 3, 1, protectedAll), 512, null);
            expect(0, answer);
            assertArrayEquals(data, answer.data());
        });
    }

    @Test
    void shouldDeallocateWhenZeroesMayBeDeallocated() {
        with((stage, host, io) -> {
            write(stage, io, 0, filled(1024, 1));
            stage.module.seen.clear();
            expect(0, Host.send(stage, io,
                slow(Opcode.NVM_WRITE_ZEROES, 0, 1, sqe -> NvmCommand.DEAC.set(sqe, 1)), 0, null));
            expect(0, Host.send(stage, io, slow(Opcode.NVM_WRITE_ZEROES, 1, 1), 0, null));
            assertEquals(List.of("UNMAP 0+1", "WRITE_ZEROES 1+1"), stage.module.seen);
            assertArrayEquals(new byte[1024], read(stage, io, 0, 2));
        });
    }

    @Test
    void shouldHoldTheLimitsOfTheSubsystemN61() {
        SimWorld.run(1, 3, world -> {
            Stage stage = Stage.usual(world);
            String nqn = "nqn.2016-06.io.spdk:narrow";
            stage.call("bdev_malloc_create", "name", "Narrow", "num_blocks", 8192, "block_size", 512);
            stage.call("nvmf_create_subsystem", "nqn", nqn, "allow_any_host", true, "dmrsl", 8, "wzsl", 1);
            stage.call("nvmf_subsystem_add_ns", "nqn", nqn, "namespace", Map.of("bdev_name", "Narrow"));
            stage.call("nvmf_subsystem_add_listener", "nqn", nqn, "listen_address", Stage.address("4421"));
            var connecting = new Host.Connecting();
            connecting.subNqn = nqn.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            var host = new Host(stage, world.reactor(0), connecting, Stage.listener("4421"));
            FakeConnection io = host.ioQueue(world.reactors().next());
            expect(0, Host.send(stage, io, sqe -> Host.transfer(sqe, Opcode.NVM_WRITE_ZEROES, 0, 16), 0, null));
            expect(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR,
                Host.send(stage, io, sqe -> Host.transfer(sqe, Opcode.NVM_WRITE_ZEROES, 0, 17), 0, null));
            expect(0, deallocate(stage, io, 0, 8));
            expect(NvmeStatus.NVM_COMMAND_SIZE_LIMIT_EXCEEDED | DNR, deallocate(stage, io, 0, 9));
            byte[] limits = host.identify(IdentifyCommand.CNS_COMMAND_SET_CONTROLLER, 0).data();
            assertEquals(1, Host.look(stage, limits, IdentifyNvmController.WZSL::get));
            assertEquals(8, Host.look(stage, limits, IdentifyNvmController.DMRSL::get));
            stage.close();
        });
    }

    private static Answer deallocate(Stage stage, FakeConnection io, long first, int blocks) throws Exception {
        byte[] range = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putInt(0).putInt(blocks).putLong(first)
            .array();
        return Host.send(stage, io, sqe -> {
            Sqe.OPC.set(sqe, Opcode.NVM_DATASET_MANAGEMENT);
            Sqe.NSID.set(sqe, 1);
            DatasetManagementCommand.AD.set(sqe, 1);
        }, 0, range);
    }

    @Test
    void shouldSayInIdentifyWhatItDoes() {
        with((stage, host, io) -> {
            byte[] controller = host.identify(IdentifyCommand.CNS_CONTROLLER, 0).data();
            assertEquals(0x1ad, Host.look(stage, controller, IdentifyController.ONCS::get));
            assertEquals(1, Host.look(stage, controller, IdentifyController.FUSES::get));
            assertEquals(3, Host.look(stage, controller, IdentifyController.CDFS::get));
            byte[] namespace = host.identify(IdentifyCommand.CNS_NAMESPACE, SLOW).data();
            assertEquals(127, Host.look(stage, namespace, IdentifyNamespace.MSRC::get));
            assertEquals(65535, Host.look(stage, namespace, IdentifyNamespace.MSSRL::get));
            assertEquals(262140, Host.look(stage, namespace, IdentifyNamespace.MCL::get));
            assertEquals(127, Host.look(stage, namespace, IdentifyNamespace.NACWU::get));
            assertEquals(9, Host.look(stage, namespace, IdentifyNamespace.DLFEAT::get));
            assertEquals(7, Host.look(stage, namespace, IdentifyNamespace.NPWG::get));
        });
    }

    @Test
    void shouldMoveMetadataBehindTheDataOfEachBlock() {
        with((stage, host, io) -> {
            stage.call("bdev_malloc_create", "name", "Tagged", "num_blocks", 64, "block_size", 512, "md_size", 8,
                "md_interleave", true);
            long nsid = (long) stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace",
                Map.of("bdev_name", "Tagged"));
            byte[] namespace = host.identify(IdentifyCommand.CNS_NAMESPACE, nsid).data();
            assertEquals(9, Host.look(stage, namespace, IdentifyNamespace.LBAF0_LBADS::get));
            assertEquals(8, Host.look(stage, namespace, IdentifyNamespace.LBAF0_MS::get));
            assertEquals(0x10, Host.look(stage, namespace, IdentifyNamespace.FLBAS::get));
            assertEquals(1, Host.look(stage, namespace, IdentifyNamespace.MC::get));
            byte[] data = new byte[1040];
            Arrays.fill(data, 512, 520, (byte) 4);
            Arrays.fill(data, 520, 1040, (byte) 5);
            LongConsumer there = sqe -> Sqe.NSID.set(sqe, nsid);
            expect(0, Host.send(stage, io, slow(Opcode.NVM_WRITE, 62, 2, there), 0, data));
            Answer answer = Host.send(stage, io, slow(Opcode.NVM_READ, 62, 2, there), 1040, null);
            expect(0, answer);
            assertArrayEquals(data, answer.data());
            expect(NvmeStatus.DATA_SGL_LENGTH_INVALID | DNR,
                Host.send(stage, io, slow(Opcode.NVM_READ, 62, 2, there), 1024, null));
        });
    }

    @Test
    void shouldRefuseADeviceThatKeepsItsMetadataApart() {
        with((stage, host, io) -> {
            stage.call("bdev_malloc_create", "name", "Apart", "num_blocks", 64, "block_size", 512, "md_size", 8);
            var refused = assertThrows(StorageException.class, () -> stage.call(
                "nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace", Map.of("bdev_name", "Apart")));
            assertTrue(refused.getMessage().contains("apart"), refused.getMessage());
        });
    }

    // Copy.

    /** Descriptors of source ranges: first block and number of blocks of each. */
    static byte[] sources(long... firstAndCount) {
        ByteBuffer ranges = ByteBuffer.allocate(firstAndCount.length / 2 * 32).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < firstAndCount.length; i += 2) {
            ranges.putLong(0).putLong(firstAndCount[i]).putInt((int) firstAndCount[i + 1] - 1).putInt(0).putLong(0);
        }
        return ranges.array();
    }

    private static Answer copy(Stage stage, FakeConnection io, long target, byte[] ranges, LongConsumer more)
        throws Exception {
        return Host.send(stage, io, copying(target, ranges, more), 0, ranges);
    }

    private static LongConsumer copying(long target, byte[] ranges, LongConsumer more) {
        return sqe -> {
            Sqe.OPC.set(sqe, Opcode.NVM_COPY);
            Sqe.NSID.set(sqe, SLOW);
            CopyCommand.SDLBA.set(sqe, target);
            CopyCommand.NR.set(sqe, ranges.length / 32 - 1);
            more.accept(sqe);
        };
    }

    private static void expectCopy(int status, long range, Answer answer) {
        expect(status, answer);
        assertEquals(range, answer.result(), "the first range that was not copied");
    }

    @Test
    void shouldCopySeveralRangesToOnePlace() {
        with((stage, host, io) -> {
            write(stage, io, 10, filled(1024, 1));
            write(stage, io, 50, filled(512, 2));
            expectCopy(0, 0, copy(stage, io, 100, sources(10, 2, 50, 1, 10, 1), sqe -> { }));
            byte[] copied = read(stage, io, 100, 4);
            byte[] expected = filled(2048, 1);
            Arrays.fill(expected, 1024, 1536, (byte) 2);
            assertArrayEquals(expected, copied);
        });
    }

    @Test
    void shouldFlushAfterACopyWithForcedAccess() {
        with((stage, host, io) -> {
            expect(0, copy(stage, io, 100, sources(10, 2, 50, 1), sqe -> CopyCommand.FUA.set(sqe, 1)));
            assertEquals(List.of("COPY 100+2", "COPY 102+1", "FLUSH 0+256"), stage.module.seen);
        });
    }

    @Test
    void shouldCopyNothingWhenARangeIsWrongN61() {
        with((stage, host, io) -> {
            int outside = NvmeStatus.LBA_OUT_OF_RANGE | DNR;
            int overlapping = NvmeStatus.NVM_OVERLAPPING_IO_RANGE | DNR;
            expectCopy(outside, 1, copy(stage, io, 100, sources(10, 2, 255, 2), sqe -> { }));
            expectCopy(outside, 1, copy(stage, io, 100, sources(10, 2, -1, 2), sqe -> { }));
            expectCopy(outside, 0, copy(stage, io, 255, sources(10, 1, 20, 1), sqe -> { }));
            expectCopy(outside, 0, copy(stage, io, -1, sources(10, 1), sqe -> { }));
            expectCopy(overlapping, 1, copy(stage, io, 100, sources(10, 2, 98, 3), sqe -> { }));
            expectCopy(overlapping, 0, copy(stage, io, 100, sources(103, 1, 20, 3), sqe -> { }));
            assertEquals(List.of(), stage.module.seen);
            expect(0, copy(stage, io, 100, sources(104, 2, 98, 2), sqe -> { }));
        });
    }

    @Test
    void shouldHoldTheLimitsOfCopyN61() {
        with((stage, host, io) -> {
            int tooLarge = NvmeStatus.NVM_COMMAND_SIZE_LIMIT_EXCEEDED | DNR;
            LongConsumer wide = sqe -> Sqe.NSID.set(sqe, WIDE);
            expect(0, copy(stage, io, 200_000, sources(0, 65535), wide));
            expect(tooLarge, copy(stage, io, 200_000, sources(0, 65536), wide));
            expect(tooLarge, copy(stage, io, 0, sources(1, 65535, 1, 65535, 1, 65535, 1, 65535, 1, 1), wide));
            long[] many = new long[2 * 129];
            Arrays.fill(many, 1);
            expect(tooLarge, copy(stage, io, 100, sources(many), sqe -> { }));
            expect(NvmeStatus.DATA_SGL_LENGTH_INVALID | DNR,
                copy(stage, io, 100, sources(1, 1), sqe -> CopyCommand.NR.set(sqe, 1)));
            expect(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR,
                copy(stage, io, 100, sources(1, 1), sqe -> CopyCommand.DESFMT.set(sqe, 1)));
        });
    }

    @Test
    void shouldSayWhichRangeFailed() {
        with((stage, host, io) -> {
            stage.module.holds = true;
            var answer = stage.world.call(io.reactor(), () -> io.send(
                copying(100, sources(1, 1, 2, 1, 3, 1), sqe -> { }), 0, sources(1, 1, 2, 1, 3, 1)).answered);
            stage.world.until(() -> stage.module.held.size() == 1);
            stage.world.on(io.reactor(), () -> stage.module.finish(Status.OK));
            stage.world.until(() -> stage.module.held.size() == 1);
            stage.world.on(io.reactor(), () -> stage.module.finish(Status.errno(5)));
            expectCopy(NvmeStatus.WRITE_FAULT, 1, stage.world.get(answer));
            stage.module.holds = false;
        });
    }

    @Test
    void shouldEndACopyBetweenTwoRangesWhenItIsAbortedN53() {
        with((stage, host, io) -> {
            stage.module.holds = true;
            stage.module.stubborn = true;
            var answer = stage.world.call(io.reactor(), () -> io.send(
                copying(100, sources(1, 1, 2, 1), sqe -> Sqe.CID.set(sqe, 77)), 0, sources(1, 1, 2, 1)).answered);
            stage.world.until(() -> stage.module.held.size() == 1);
            assertEquals(1, host.admin(Opcode.ADMIN_ABORT, sqe -> {
                AbortCommand.SQID.set(sqe, 1);
                AbortCommand.CID.set(sqe, 77);
            }).result(), "said to be aborted at once");
            stage.world.on(io.reactor(), () -> stage.module.finish(Status.OK));
            expectCopy(NvmeStatus.COMMAND_ABORT_REQUESTED, 1, stage.world.get(answer));
            stage.module.holds = false;
        });
    }
}
