package dev.karst.scsi.core.command;

import dev.karst.base.Errno;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.IoType;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.scsi.Asc;
import dev.karst.spec.scsi.SenseKey;

/** The one table from the outcome of a block I/O to what sense data says. */
@ReactorConfined
final class StatusTable {
    private static final int KEY_SHIFT = 16;
    private static final int ASC_MASK = 0xffff;

    private static final int ABORTED = of(SenseKey.ABORTED_COMMAND, Asc.NO_ADDITIONAL_SENSE_INFORMATION);
    private static final int NO_UNIT = of(SenseKey.ILLEGAL_REQUEST, Asc.LOGICAL_UNIT_NOT_SUPPORTED);
    private static final int OUT_OF_RANGE = of(SenseKey.ILLEGAL_REQUEST, Asc.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
    private static final int NOT_SUPPORTED = of(SenseKey.ILLEGAL_REQUEST, Asc.INVALID_COMMAND_OPERATION_CODE);
    private static final int INVALID = of(SenseKey.ILLEGAL_REQUEST, Asc.INVALID_FIELD_IN_CDB);
    private static final int PROTECTED = of(SenseKey.DATA_PROTECT, Asc.WRITE_PROTECTED);
    private static final int NO_SPACE = of(SenseKey.DATA_PROTECT, Asc.SPACE_ALLOCATION_FAILED_WRITE_PROTECT);
    private static final int BUSY = of(SenseKey.ABORTED_COMMAND, Asc.SYSTEM_RESOURCE_FAILURE);
    private static final int FAILED = of(SenseKey.HARDWARE_ERROR, Asc.INTERNAL_TARGET_FAILURE);
    private static final int MISCOMPARE = of(SenseKey.MISCOMPARE, Asc.MISCOMPARE_DURING_VERIFY_OPERATION);
    private static final int GUARD = of(SenseKey.ABORTED_COMMAND, Asc.LOGICAL_BLOCK_GUARD_CHECK_FAILED);
    private static final int APPLICATION_TAG = of(SenseKey.ABORTED_COMMAND, Asc.LOGICAL_BLOCK_APPLICATION_TAG_CHECK_FAILED);
    private static final int REFERENCE_TAG = of(SenseKey.ABORTED_COMMAND, Asc.LOGICAL_BLOCK_REFERENCE_TAG_CHECK_FAILED);

    /** NVMe status code types and codes, as {@link Status#nvme} has them. */
    private static final int MEDIA = 2;

    private StatusTable() {}

    private static int of(int key, int asc) {
        return key << KEY_SHIFT | asc;
    }

    static int key(int sense) {
        return sense >> KEY_SHIFT;
    }

    static int asc(int sense) {
        return sense & ASC_MASK;
    }

    /** Sense key and code for {@code status}, not OK, of an I/O of this type. */
    static int toSense(int status, IoType type) {
        return switch (Status.domain(status)) {
            case Status.KARST -> own(status);
            case Status.ERRNO -> errno(Status.code(status), type);
            case Status.NVME -> nvme(Status.code(status), type);
            case Status.SCSI -> Status.code(status);
            default -> FAILED;
        };
    }

    private static int own(int status) {
        if (status == Status.ABORTED) {
            return ABORTED;
        } else if (status == Status.REMOVED) {
            return NO_UNIT;
        } else if (status == Status.OUT_OF_RANGE) {
            return OUT_OF_RANGE;
        } else if (status == Status.NOT_SUPPORTED) {
            return NOT_SUPPORTED;
        } else if (status == Status.INVALID) {
            return INVALID;
        } else if (status == Status.READ_ONLY) {
            return PROTECTED;
        } else if (status == Status.NO_RESOURCE || status == Status.TIMED_OUT || status == Status.NOT_CONNECTED) {
            return BUSY;
        }
        return contents(status);
    }

    private static int nvme(int code, IoType type) {
        return code == NvmeStatus.CAPACITY_EXCEEDED ? NO_SPACE : code >> 8 == MEDIA ? medium(type) : FAILED;
    }

    /** What is said of the contents of blocks. */
    private static int contents(int status) {
        if (status == Status.MISCOMPARE) {
            return MISCOMPARE;
        } else if (status == Status.GUARD_CHECK) {
            return GUARD;
        } else if (status == Status.APPLICATION_TAG_CHECK) {
            return APPLICATION_TAG;
        }
        return status == Status.REFERENCE_TAG_CHECK ? REFERENCE_TAG : FAILED;
    }

    private static int errno(int errno, IoType type) {
        return switch (errno) {
            case Errno.EIO -> medium(type);
            case Errno.ENOSPC -> NO_SPACE;
            case Errno.EROFS, Errno.EACCES, Errno.EPERM -> PROTECTED;
            case Errno.ENODEV, Errno.ENXIO -> NO_UNIT;
            case Errno.EINVAL -> INVALID;
            case Errno.EOPNOTSUPP -> NOT_SUPPORTED;
            case Errno.ECANCELED -> ABORTED;
            case Errno.EAGAIN, Errno.ENOMEM, Errno.ETIMEDOUT -> BUSY;
            default -> FAILED;
        };
    }

    /**
     * A flush that is tried again may go well, and what was written before is lost all the same: Linux tries again after MEDIUM ERROR, not
     * after HARDWARE ERROR.
     */
    private static int medium(IoType type) {
        if (type == IoType.FLUSH) {
            return of(SenseKey.HARDWARE_ERROR, Asc.WRITE_ERROR);
        }
        return of(SenseKey.MEDIUM_ERROR, type.writes() ? Asc.WRITE_ERROR : Asc.UNRECOVERED_READ_ERROR);
    }
}
