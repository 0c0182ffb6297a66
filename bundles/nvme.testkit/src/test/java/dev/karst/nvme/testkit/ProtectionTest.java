package dev.karst.nvme.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.Crc16;
import dev.karst.base.Mem;
import dev.karst.env.Region;
import dev.karst.nvme.testkit.controller.Traits;
import dev.karst.nvme.testkit.media.BlockFormat;
import dev.karst.nvme.testkit.media.Settings;
import dev.karst.spec.nvme.NvmCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import org.junit.jupiter.api.Test;

/** Metadata and protection information, in one buffer with the data and in one of its own. */
class ProtectionTest {
    private static final int CHECK_ALL = NvmCommand.PRCHK_GUARD | NvmCommand.PRCHK_APPLICATION | NvmCommand.PRCHK_REFERENCE;
    private static final int BLOCKS = 4;
    private static final long SLBA = 100;

    /** Moves blocks; {@code info} is PRINFO. */
    private static int io(Bench bench, int opcode, Region data, int bytes, Region metadata, int info) {
        return bench.host.run(bench.host.io, bench.host.range(opcode, data, bytes, SLBA, BLOCKS).andThen(sqe -> {
            NvmCommand.PRINFO.set(sqe, info);
            NvmCommand.ILBRT.set(sqe, SLBA);
            NvmCommand.LBAT.set(sqe, 0x1234);
            NvmCommand.LBATM.set(sqe, 0xffff);
            if (metadata != null) {
                Sqe.MPTR.set(sqe, bench.host.iova(metadata.address()));
            }
        })).status();
    }

    @Test
    void shouldMakeItAndTakeItAwayWhenTheCommandSaysSo() throws Exception {
        for (int type = 1; type <= 3; type++) {
            var settings = new Settings(new BlockFormat(512, 8), type == 2, type, false);
            try (var bench = Bench.ready(type, new Traits(), settings)) {
                int checks = type == 3 ? CHECK_ALL & ~NvmCommand.PRCHK_REFERENCE : CHECK_ALL;
                Region data = bench.noise(4096);
                Region back = bench.host.memory(4096);
                int made = NvmCommand.PRACT | checks;
                assertEquals(0, io(bench, Opcode.NVM_WRITE, data, 2048, null, NvmCommand.PRACT));
                assertEquals(0, io(bench, Opcode.NVM_READ, back, 2048, null, made));
                assertArrayEquals(Bench.bytes(data, 2048), Bench.bytes(back, 2048));
                byte[] kept = bench.disk.metadata(SLBA, BLOCKS);
                int guard = Crc16.update(0, data.address() + 512, 512);
                assertEquals(guard, (kept[8] & 0xff) << 8 | kept[9] & 0xff);
                assertEquals(0x12, kept[10]);
                assertEquals(type == 3 ? SLBA : SLBA + 1, kept[15]);
                bench.assertClean();
            }
        }
    }

    @Test
    void shouldFindWhatIsWrongWithItWhenTheHostMakesIt() throws Exception {
        var settings = new Settings(new BlockFormat(512, 16), false, 1, true);
        try (var bench = Bench.ready(7, new Traits(), settings)) {
            Region data = bench.noise(4096);
            Region metadata = bench.host.memory(4096);
            for (int i = 0; i < BLOCKS; i++) {
                long at = metadata.address() + 16L * i;
                int guard = Crc16.update(0, data.address() + 512L * i, 512);
                Mem.setShort(at, Short.reverseBytes((short) guard));
                Mem.setShort(at + 2, Short.reverseBytes((short) 0x1234));
                Mem.setInt(at + 4, Integer.reverseBytes((int) SLBA + i));
            }
            assertEquals(0, io(bench, Opcode.NVM_WRITE, data, 2048, metadata, CHECK_ALL));
            assertEquals(0, io(bench, Opcode.NVM_READ, data, 2048, metadata, CHECK_ALL));
            Mem.setByte(metadata.address() + 16, (byte) (Mem.getByte(metadata.address() + 16) + 1));
            assertEquals(
                NvmeStatus.END_TO_END_GUARD_CHECK_ERROR, io(bench, Opcode.NVM_WRITE, data, 2048, metadata, CHECK_ALL));
            int withoutGuard = CHECK_ALL & ~NvmCommand.PRCHK_GUARD;
            assertEquals(0, io(bench, Opcode.NVM_WRITE, data, 2048, metadata, withoutGuard));
            Mem.setByte(metadata.address() + 2, (byte) 9);
            assertEquals(
                NvmeStatus.END_TO_END_APPLICATION_TAG_CHECK_ERROR,
                io(bench, Opcode.NVM_WRITE, data, 2048, metadata, CHECK_ALL));
            Mem.setByte(metadata.address() + 2, (byte) 0x12);
            Mem.setByte(metadata.address() + 7, (byte) 9);
            assertEquals(
                NvmeStatus.END_TO_END_REFERENCE_TAG_CHECK_ERROR,
                io(bench, Opcode.NVM_WRITE, data, 2048, metadata, withoutGuard));
            bench.assertClean();
        }
    }

    @Test
    void shouldKeepMetadataWithTheDataWhenItIsExtended() throws Exception {
        var settings = new Settings(new BlockFormat(4096, 64), true, 0, false);
        try (var bench = Bench.ready(8, new Traits(), settings)) {
            int bytes = BLOCKS * (4096 + 64);
            Region data = bench.noise(bytes + 2 * 4096);
            Region back = bench.host.memory(bytes + 2 * 4096);
            assertEquals(0, io(bench, Opcode.NVM_WRITE, data, bytes, null, 0));
            assertEquals(0, io(bench, Opcode.NVM_COMPARE, data, bytes, null, 0));
            assertEquals(0, io(bench, Opcode.NVM_READ, back, bytes, null, 0));
            assertArrayEquals(Bench.bytes(data, bytes), Bench.bytes(back, bytes));
            Mem.setByte(data.address() + 4096, (byte) (Mem.getByte(data.address() + 4096) + 1));
            assertEquals(NvmeStatus.COMPARE_FAILURE, io(bench, Opcode.NVM_COMPARE, data, bytes, null, 0));
        }
    }

    @Test
    void shouldNotCheckBlocksThatWereNeverWritten() throws Exception {
        var settings = new Settings(new BlockFormat(512, 8), false, 1, false);
        try (var bench = Bench.ready(9, new Traits(), settings)) {
            Region data = bench.noise(4096);
            assertEquals(0, io(bench, Opcode.NVM_READ, data, 2048, null, NvmCommand.PRACT | CHECK_ALL));
            assertArrayEquals(new byte[2048], Bench.bytes(data, 2048));
        }
    }
}
