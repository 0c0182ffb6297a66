package dev.karst.nvme.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.Mem;
import dev.karst.env.Region;
import dev.karst.nvme.testkit.command.DataPointer;
import dev.karst.nvme.testkit.controller.Traits;
import dev.karst.nvme.testkit.media.Settings;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

/** What a controller says of PRPs and SGLs, right and wrong. */
class DataPointerTest {
    private static final int DNR = NvmeStatus.DNR;
    private static final int BYTES = 20_480;

    private static Bench bench(DataPointer.Sgl sgl) throws Exception {
        Traits traits = new Traits();
        traits.sgl = sgl;
        return Bench.ready(9, traits, Settings.plain(512));
    }

    /** Reads so many blocks with that data pointer; the status. */
    private static int read(Bench bench, int blocks, LongConsumer pointer) {
        return bench.host.run(bench.host.io, bench.host.range(Opcode.NVM_READ, null, 0, 0, blocks).andThen(pointer)).status();
    }

    private static LongConsumer prps(long first, long second) {
        return sqe -> {
            Mem.setLong(sqe + 24, first);
            Mem.setLong(sqe + 32, second);
        };
    }

    private static LongConsumer sgl(long address, long length, int type) {
        return sqe -> {
            Sqe.PSDT.set(sqe, Sqe.PSDT_SGL);
            descriptor(sqe + 24, address, length, type);
        };
    }

    private static void descriptor(long at, long address, long length, int type) {
        Mem.setLong(at, address);
        Mem.setLong(at + 8, length | (long) type << 60);
    }

    @Test
    void shouldRefusePrpsThatDoNotLieAsTheyMust() throws Exception {
        try (var bench = bench(DataPointer.Sgl.NONE)) {
            Region data = bench.host.memory(BYTES);
            long iova = bench.host.iova(data.address());
            assertEquals(NvmeStatus.PRP_OFFSET_INVALID | DNR, read(bench, 1, prps(iova + 1, 0)));
            assertEquals(NvmeStatus.PRP_OFFSET_INVALID | DNR, read(bench, 16, prps(iova, iova + 512)));
            assertEquals(NvmeStatus.PRP_OFFSET_INVALID | DNR, read(bench, 40, prps(iova, iova + 4)));
            assertEquals(0, read(bench, 1, prps(iova + 512, 0)));
            assertEquals(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, read(bench, 1, sgl(iova, 512, Sqe.SGL_DATA_BLOCK)));
            bench.assertClean();
            assertEquals(NvmeStatus.DATA_TRANSFER_ERROR, read(bench, 1, prps(8192, 0)));
            assertEquals(1, bench.nvme.memory().faults().size());
        }
    }

    @Test
    void shouldFollowAChainedListWhenItBeginsInTheMiddleOfAPage() throws Exception {
        Traits traits = new Traits();
        traits.maxTransfer = 0;
        try (var bench = Bench.ready(4, traits, Settings.plain(512))) {
            Region data = bench.noise(16 * 4096);
            Region lists = bench.host.memory(2 * 4096);
            long first = lists.address() + 4096 - 3 * 8;
            long second = lists.address() + 4096;
            Mem.setLong(first + 16, bench.host.iova(second));
            for (int page = 1; page < 16; page++) {
                long at = page <= 2 ? first + 8L * (page - 1) : second + 8L * (page - 3);
                Mem.setLong(at, bench.host.iova(data.address() + page * 4096L));
            }
            LongConsumer pointer = prps(bench.host.iova(data.address()), bench.host.iova(first));
            LongConsumer write = bench.host.range(Opcode.NVM_WRITE, null, 0, 0, 128).andThen(pointer);
            HandHost.expectOk(bench.host.run(bench.host.io, write));
            assertArrayEquals(Bench.bytes(data, 16 * 4096), bench.disk.data(0, 128));
            bench.assertClean();
        }
    }

    @Test
    void shouldTakeSegmentsOfDescriptorsAndBitBucketsWhenItKnowsSgls() throws Exception {
        try (var bench = bench(DataPointer.Sgl.ANY)) {
            Region source = bench.noise(4096);
            HandHost.expectOk(bench.host.io(Opcode.NVM_WRITE, source, 4096, 0, 8));
            Region data = bench.host.memory(4096);
            Region segments = bench.host.memory(4096);
            long at = segments.address();
            long iova = bench.host.iova(data.address());
            descriptor(at, iova + 1, 511, Sqe.SGL_DATA_BLOCK);
            descriptor(at + 16, bench.host.iova(at + 64), 32, Sqe.SGL_LAST_SEGMENT);
            descriptor(at + 64, 0, 513, Sqe.SGL_BIT_BUCKET);
            descriptor(at + 80, iova + 1024, 3072, Sqe.SGL_DATA_BLOCK);
            assertEquals(0, read(bench, 8, sgl(bench.host.iova(at), 32, Sqe.SGL_SEGMENT)));
            byte[] expected = new byte[4096];
            System.arraycopy(Bench.bytes(source, 4096), 0, expected, 1, 511);
            System.arraycopy(Bench.bytes(source, 4096), 1024, expected, 1024, 3072);
            assertArrayEquals(expected, Bench.bytes(data, 4096));
            bench.assertClean();
        }
    }

    @Test
    void shouldRefuseSglsThatSayTooMuchTooLittleOrNonsense() throws Exception {
        try (var bench = bench(DataPointer.Sgl.DWORD_ALIGNED)) {
            Region data = bench.host.memory(4096);
            Region segment = bench.host.memory(4096);
            long iova = bench.host.iova(data.address());
            long list = bench.host.iova(segment.address());
            assertEquals(0, read(bench, 1, sgl(iova, 512, Sqe.SGL_DATA_BLOCK)));
            assertEquals(NvmeStatus.DATA_SGL_LENGTH_INVALID | DNR, read(bench, 1, sgl(iova, 508, Sqe.SGL_DATA_BLOCK)));
            assertEquals(NvmeStatus.DATA_SGL_LENGTH_INVALID | DNR, read(bench, 1, sgl(iova, 516, Sqe.SGL_DATA_BLOCK)));
            assertEquals(
                NvmeStatus.SGL_DATA_BLOCK_GRANULARITY_INVALID | DNR, read(bench, 1, sgl(iova + 2, 512, Sqe.SGL_DATA_BLOCK)));
            assertEquals(
                NvmeStatus.SGL_DESCRIPTOR_TYPE_INVALID | DNR, read(bench, 1, sgl(iova, 512, Sqe.SGL_KEYED_DATA_BLOCK)));
            assertEquals(NvmeStatus.INVALID_SGL_SEGMENT_DESCRIPTOR | DNR, read(bench, 1, sgl(list, 15, Sqe.SGL_LAST_SEGMENT)));
            descriptor(segment.address(), list, 16, Sqe.SGL_SEGMENT);
            assertEquals(
                NvmeStatus.INVALID_NUMBER_OF_SGL_DESCRIPTORS | DNR, read(bench, 1, sgl(list, 16, Sqe.SGL_SEGMENT)));
            assertEquals(NvmeStatus.INVALID_SGL_SEGMENT_DESCRIPTOR | DNR, read(bench, 1, sgl(list, 16, Sqe.SGL_LAST_SEGMENT)));
            bench.assertClean();
        }
    }
}
