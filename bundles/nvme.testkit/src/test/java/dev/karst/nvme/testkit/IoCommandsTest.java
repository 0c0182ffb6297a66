package dev.karst.nvme.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.Mem;
import dev.karst.env.Region;
import dev.karst.nvme.testkit.controller.Traits;
import dev.karst.nvme.testkit.media.Settings;
import dev.karst.nvme.testkit.media.Zones;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What I/O commands do and refuse. */
class IoCommandsTest {
    private static final int DNR = NvmeStatus.DNR;

    private Bench bench;
    private Region data;

    @BeforeEach
    void open() throws Exception {
        bench = Bench.ready(11, new Traits(), Settings.plain(512));
        data = bench.noise(8192);
    }

    @AfterEach
    void close() {
        bench.assertClean();
        bench.close();
    }

    private int io(int opcode, int bytes, long slba, int blocks) {
        return bench.host.io(opcode, bytes == 0 ? null : data, bytes, slba, blocks).status();
    }

    @Test
    void shouldRefuseWhatLiesBehindTheEndOrIsTooLong() throws Exception {
        assertEquals(NvmeStatus.LBA_OUT_OF_RANGE | DNR, io(Opcode.NVM_READ, 512, 4096, 1));
        assertEquals(NvmeStatus.LBA_OUT_OF_RANGE | DNR, io(Opcode.NVM_WRITE, 1024, 4095, 2));
        assertEquals(NvmeStatus.LBA_OUT_OF_RANGE | DNR, io(Opcode.NVM_WRITE_ZEROES, 0, -1, 1));
        assertEquals(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, io(Opcode.NVM_READ, 4096, 0, 257));
        assertEquals(NvmeStatus.INVALID_COMMAND_OPCODE | DNR, io(0x7c, 0, 0, 1));
        bench.disk.writeProtected = true;
        assertEquals(NvmeStatus.NAMESPACE_IS_WRITE_PROTECTED | DNR, io(Opcode.NVM_WRITE, 512, 0, 1));
    }

    @Test
    void shouldReadZerosWhenBlocksWereZeroedOrDeallocated() throws Exception {
        io(Opcode.NVM_WRITE, 4096, 0, 8);
        assertEquals(0, io(Opcode.NVM_WRITE_ZEROES, 0, 1, 2));
        Region ranges = bench.host.memory(4096);
        Mem.setInt(ranges.address() + 4, 1);
        Mem.setLong(ranges.address() + 8, 5);
        var answer = bench.host.run(bench.host.io, bench.host.range(Opcode.NVM_DATASET_MANAGEMENT, ranges, 4096, 0, 1)
            .andThen(sqe -> Sqe.CDW11.set(sqe, 4)));
        assertEquals(0, answer.status());
        byte[] expected = Bench.bytes(data, 4096);
        Arrays.fill(expected, 512, 1536, (byte) 0);
        Arrays.fill(expected, 2560, 3072, (byte) 0);
        assertArrayEquals(expected, bench.disk.data(0, 8));
    }

    @Test
    void shouldNotReadBlocksThatWereDeclaredUnreadableUntilTheyAreWritten() throws Exception {
        assertEquals(0, io(Opcode.NVM_WRITE_UNCORRECTABLE, 0, 3, 1));
        assertEquals(NvmeStatus.UNRECOVERED_READ_ERROR, io(Opcode.NVM_READ, 4096, 0, 8));
        assertEquals(NvmeStatus.UNRECOVERED_READ_ERROR, io(Opcode.NVM_VERIFY, 0, 0, 8));
        assertEquals(0, io(Opcode.NVM_WRITE, 512, 3, 1));
        assertEquals(0, io(Opcode.NVM_VERIFY, 0, 0, 8));
    }

    @Test
    void shouldCopyWhatItIsToldAndRefuseOverlap() throws Exception {
        io(Opcode.NVM_WRITE, 4096, 0, 8);
        Region ranges = bench.host.memory(4096);
        Mem.setLong(ranges.address() + 8, 6);
        Mem.setShort(ranges.address() + 16, (short) 1);
        Mem.setLong(ranges.address() + 32 + 8, 0);
        assertEquals(0, copy(ranges, 100));
        assertArrayEquals(bench.disk.data(6, 2), bench.disk.data(100, 2));
        assertArrayEquals(bench.disk.data(0, 1), bench.disk.data(102, 1));
        assertEquals(NvmeStatus.NVM_OVERLAPPING_IO_RANGE | DNR, copy(ranges, 7));
        assertEquals(NvmeStatus.LBA_OUT_OF_RANGE | DNR, copy(ranges, 4094));
        Mem.setShort(ranges.address() + 16, (short) 128);
        assertEquals(NvmeStatus.NVM_COMMAND_SIZE_LIMIT_EXCEEDED | DNR, copy(ranges, 200));
    }

    /** Copies two ranges. */
    private int copy(Region ranges, long target) {
        return bench.host.run(bench.host.io, bench.host.range(Opcode.NVM_COPY, ranges, 4096, target, 1)
            .andThen(sqe -> Sqe.CDW12.set(sqe, 1))).status();
    }

    @Test
    void shouldWriteOnlyIfTheCompareHoldsWhenTheyAreFused() throws Exception {
        io(Opcode.NVM_WRITE, 512, 0, 1);
        Region other = bench.noise(4096);
        assertEquals(0, fused(data, other));
        assertArrayEquals(Bench.bytes(other, 512), bench.disk.data(0, 1));
        assertEquals(NvmeStatus.ABORTED_FAILED_FUSED, fused(data, data));
        assertArrayEquals(Bench.bytes(other, 512), bench.disk.data(0, 1));
        int lonely = bench.host.run(bench.host.io, bench.host.range(Opcode.NVM_WRITE, data, 512, 0, 1)
            .andThen(sqe -> Sqe.FUSE.set(sqe, Sqe.FUSE_SECOND))).status();
        assertEquals(NvmeStatus.ABORTED_MISSING_FUSED | DNR, lonely);
    }

    /** The status of the write. */
    private int fused(Region compared, Region written) {
        int first = bench.host.submit(bench.host.io, bench.host.range(Opcode.NVM_COMPARE, compared, 512, 0, 1)
            .andThen(sqe -> Sqe.FUSE.set(sqe, Sqe.FUSE_FIRST)));
        int second = bench.host.submit(bench.host.io, bench.host.range(Opcode.NVM_WRITE, written, 512, 0, 1)
            .andThen(sqe -> Sqe.FUSE.set(sqe, Sqe.FUSE_SECOND)));
        bench.host.ring(bench.host.io);
        int status = bench.host.await(bench.host.io, second).status();
        assertEquals(status == 0 ? 0 : NvmeStatus.COMPARE_FAILURE, bench.host.await(bench.host.io, first).status());
        return status;
    }

    @Test
    void shouldTakeWritesOnlyAtTheWritePointerWhenItIsZoned() throws Exception {
        bench.disk.zoned(new Zones(4, 1024, 2, 3));
        assertEquals(NvmeStatus.ZONE_INVALID_WRITE | DNR, io(Opcode.NVM_WRITE, 512, 1, 1));
        assertEquals(0, io(Opcode.NVM_WRITE, 4096, 0, 8));
        var appended = bench.host.io(Opcode.ZONE_APPEND, data, 4096, 0, 8);
        assertEquals(8, appended.result());
        assertArrayEquals(Bench.bytes(data, 4096), bench.disk.data(8, 8));
        assertEquals(NvmeStatus.ZONE_BOUNDARY_ERROR | DNR, io(Opcode.NVM_READ, 1024, 1023, 2));
        assertEquals(0, manage(0, Zones.FINISH));
        assertEquals(NvmeStatus.ZONE_IS_FULL | DNR, io(Opcode.NVM_WRITE, 512, 16, 1));
        assertEquals(0, manage(1024, Zones.OPEN));
        assertEquals(0, manage(2048, Zones.OPEN));
        assertEquals(NvmeStatus.TOO_MANY_OPEN_ZONES, manage(3072, Zones.OPEN));
        assertEquals(0, manage(0, Zones.RESET));
        assertArrayEquals(new byte[4096], bench.disk.data(0, 8));
        Region report = bench.host.memory(4096);
        HandHost.expectOk(bench.host.run(bench.host.io, bench.host.range(Opcode.ZONE_MANAGEMENT_RECEIVE, report, 4096, 0, 1)
            .andThen(sqe -> Sqe.CDW12.set(sqe, 1023))));
        assertEquals(4, Mem.getLong(report.address()));
        assertEquals(Zones.EXPLICITLY_OPENED << 4, Mem.getByte(report.address() + 64 + 64 + 1));
        assertEquals(1024, Mem.getLong(report.address() + 64 + 64 + 24));
    }

    private int manage(long zone, int action) {
        return bench.host.run(bench.host.io, bench.host.range(Opcode.ZONE_MANAGEMENT_SEND, null, 0, zone, 1)
            .andThen(sqe -> Sqe.CDW13.set(sqe, action))).status();
    }
}
