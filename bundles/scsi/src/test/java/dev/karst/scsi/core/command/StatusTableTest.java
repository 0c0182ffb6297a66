package dev.karst.scsi.core.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.bdev.IoType;
import dev.karst.spec.nvme.NvmeStatus;
import org.junit.jupiter.api.Test;

class StatusTableTest {
    private static void expect(int sense, int status, IoType type) {
        assertEquals(Integer.toHexString(sense), Integer.toHexString(StatusTable.toSense(status, type)));
    }

    @Test
    void shouldSayWhatFailedWhenTheMediumDoes() {
        expect(0x3_0c00, Status.errno(Errno.EIO), IoType.WRITE);
        expect(0x3_1100, Status.errno(Errno.EIO), IoType.READ);
        expect(0x3_1100, Status.nvme(2, 0x81), IoType.READ);
    }

    /** Linux tries again after MEDIUM ERROR, and then takes for durable what is lost. */
    @Test
    void shouldNotInviteToTryAgainWhenAFlushFails() {
        expect(0x4_0c00, Status.errno(Errno.EIO), IoType.FLUSH);
        expect(0x4_0c00, Status.nvme(2, 0x80), IoType.FLUSH);
    }

    @Test
    void shouldSayThatThereIsNoSpaceWhenAPoolIsFull() {
        expect(0x7_2707, Status.errno(Errno.ENOSPC), IoType.WRITE);
        expect(0x7_2707, Status.of(Status.NVME, NvmeStatus.CAPACITY_EXCEEDED), IoType.WRITE);
    }
}
