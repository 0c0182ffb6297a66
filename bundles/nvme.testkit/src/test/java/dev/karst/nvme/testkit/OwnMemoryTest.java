package dev.karst.nvme.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.karst.base.Mem;
import dev.karst.nvme.testkit.controller.Traits;
import dev.karst.nvme.testkit.media.Settings;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Property;
import org.junit.jupiter.api.Test;

/** Commands whose data lies in the controller's own memory. */
class OwnMemoryTest {
    private static final long BASE = 1L << 40;
    private static final int BYTES = 512;

    private static Bench bench() throws Exception {
        var traits = new Traits();
        traits.bufferBytes = 64 << 10;
        traits.persistentBytes = 64 << 10;
        return Bench.ready(41, traits, Settings.plain(BYTES));
    }

    /** Moves a block between the disk and an address of the device's. */
    private static int move(Bench bench, int opcode, long iova) {
        return bench.host.run(bench.host.io, bench.host.range(opcode, null, 0, 3, 1)
            .andThen(sqe -> Mem.setLong(sqe + 24, iova))).status();
    }

    @Test
    void shouldMoveDataThroughTheControllerMemoryBufferOnceItIsEnabled() throws Exception {
        try (var bench = bench()) {
            long buffer = bench.host.device.map(2, 0, 64 << 10);
            assertEquals(0, Mem.getInt(bench.host.registers + Property.CMBSZ));
            Mem.setLong(bench.host.registers + Property.CMBMSC, BASE | 3);
            bench.host.until(() -> false);
            assertEquals(64 << 10, Mem.getInt(bench.host.registers + Property.CMBSZ) & ~0xfff);
            assertEquals(2, Mem.getInt(bench.host.registers + Property.CMBLOC));
            Mem.fill(buffer + 4096, BYTES, (byte) 9);
            assertEquals(0, move(bench, Opcode.NVM_WRITE, BASE + 4096));
            assertEquals(9, bench.disk.data(3, 1)[511]);
            bench.assertClean();
            Mem.setLong(bench.host.registers + Property.CMBMSC, 0);
            assertEquals(NvmeStatus.DATA_TRANSFER_ERROR, move(bench, Opcode.NVM_WRITE, BASE + 4096));
        }
    }

    @Test
    void shouldKeepThePersistentMemoryRegionOverAReset() throws Exception {
        try (var bench = bench()) {
            bench.disk.write(3, new byte[] {1, 2, 3, 4}, new byte[0]);
            assertNotEquals(0, Mem.getInt(bench.host.registers + Property.PMRSTS));
            Mem.setInt(bench.host.registers + Property.PMRCTL, 1);
            Mem.setLong(bench.host.registers + Property.PMRMSC, BASE | 2);
            bench.host.until(() -> false);
            assertEquals(0, Mem.getInt(bench.host.registers + Property.PMRSTS));
            assertEquals(0, move(bench, Opcode.NVM_READ, BASE));
            bench.host.device.reset();
            byte[] kept = new byte[4];
            Mem.get(bench.host.device.map(4, 0, 4096), kept, 0, 4);
            assertArrayEquals(new byte[] {1, 2, 3, 4}, kept);
            bench.assertClean();
        }
    }

    @Test
    void shouldResetAllControllersWhenTheSubsystemIs() throws Exception {
        try (var bench = bench()) {
            var other = new SimNvme(
                bench.environment, bench.random.split(), "0000:02:00.0", bench.subsystem, new Traits());
            bench.environment.pci().plug(other);
            var second = new HandHost(bench.environment, bench.environment.pci().open("0000:02:00.0"));
            second.enable();
            Mem.setInt(bench.host.registers + Property.NSSR, Property.NSSR_RESET);
            bench.host.until(() -> false);
            assertEquals(1 << 4, Mem.getInt(bench.host.registers + Property.CSTS));
            assertEquals(1 << 4, Mem.getInt(second.registers + Property.CSTS));
            assertEquals(0, Mem.getInt(second.registers + Property.CC));
        }
    }
}
