package dev.karst.nvmf.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.bdev.IoType;
import dev.karst.spec.nvme.NvmeStatus;
import org.junit.jupiter.api.Test;

class StatusTableTest {
    private static void expect(int nvme, int status) {
        assertEquals(NvmeStatus.text(nvme), NvmeStatus.text(StatusTable.toNvme(status, IoType.WRITE)));
        assertEquals(nvme, StatusTable.toNvme(status, IoType.WRITE));
    }

    @Test
    void shouldTranslateEachStatusOfKarst() {
        expect(0, Status.OK);
        expect(NvmeStatus.COMMAND_INTERRUPTED, Status.NO_RESOURCE);
        expect(NvmeStatus.COMMAND_ABORT_REQUESTED, Status.ABORTED);
        expect(NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR, Status.REMOVED);
        expect(NvmeStatus.LBA_OUT_OF_RANGE | NvmeStatus.DNR, Status.OUT_OF_RANGE);
        expect(NvmeStatus.INVALID_COMMAND_OPCODE | NvmeStatus.DNR, Status.NOT_SUPPORTED);
        expect(NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR, Status.INVALID);
        expect(NvmeStatus.NAMESPACE_IS_WRITE_PROTECTED | NvmeStatus.DNR, Status.READ_ONLY);
        expect(NvmeStatus.COMMAND_INTERRUPTED, Status.TIMED_OUT);
        expect(NvmeStatus.INTERNAL_ERROR, Status.FAILED);
    }

    @Test
    void shouldTellTheMediumsFaultFromOthersWhenTheDeviceSaysHow() {
        expect(NvmeStatus.WRITE_FAULT, Status.errno(Errno.EIO));
        assertEquals(NvmeStatus.UNRECOVERED_READ_ERROR, StatusTable.toNvme(Status.errno(Errno.EIO), IoType.READ));
        assertEquals(NvmeStatus.WRITE_FAULT | NvmeStatus.DNR, StatusTable.toNvme(Status.errno(Errno.EIO), IoType.FLUSH));
        expect(NvmeStatus.CAPACITY_EXCEEDED | NvmeStatus.DNR, Status.errno(Errno.ENOSPC));
        expect(NvmeStatus.INTERNAL_ERROR, Status.errno(Errno.EBADF));
        expect(NvmeStatus.COMPARE_FAILURE, Status.nvme(2, 0x85));
        expect(NvmeStatus.WRITE_FAULT, Status.of(Status.SCSI, 0x3_1100));
        expect(NvmeStatus.NAMESPACE_IS_WRITE_PROTECTED | NvmeStatus.DNR, Status.of(Status.SCSI, 0x7_2700));
        expect(NvmeStatus.CAPACITY_EXCEEDED | NvmeStatus.DNR, Status.of(Status.SCSI, 0x7_2707));
        expect(NvmeStatus.INTERNAL_ERROR, Status.of(77, 1));
    }
}
