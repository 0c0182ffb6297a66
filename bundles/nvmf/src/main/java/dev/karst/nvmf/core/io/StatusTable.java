package dev.karst.nvmf.core.io;

import dev.karst.base.Errno;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.IoType;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.scsi.Asc;

/** The one table from the outcome of a block I/O to the status field that the host sees. */
@ReactorConfined
public final class StatusTable {
    private static final int SENSE_MEDIUM_ERROR = 3;
    private static final int SENSE_ILLEGAL_REQUEST = 5;
    private static final int SENSE_DATA_PROTECT = 7;
    private static final int KEY_SHIFT = 16;
    private static final int ASC_MASK = 0xffff;

    private StatusTable() {}

    /** The status field for {@code status} of an I/O of this type. What would fail again says so (DNR). */
    public static int toNvme(int status, IoType type) {
        return switch (Status.domain(status)) {
            case 0 -> NvmeStatus.SUCCESSFUL_COMPLETION;
            case Status.KARST -> own(status);
            case Status.ERRNO -> errno(Status.code(status), type);
            case Status.NVME -> Status.code(status);
            case Status.SCSI -> sense(Status.code(status), type);
            default -> NvmeStatus.INTERNAL_ERROR;
        };
    }

    private static int own(int status) {
        if (status == Status.ABORTED) {
            return NvmeStatus.COMMAND_ABORT_REQUESTED;
        } else if (status == Status.REMOVED) {
            return NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR;
        } else if (status == Status.OUT_OF_RANGE) {
            return NvmeStatus.LBA_OUT_OF_RANGE | NvmeStatus.DNR;
        } else if (status == Status.NOT_SUPPORTED) {
            return NvmeStatus.INVALID_COMMAND_OPCODE | NvmeStatus.DNR;
        } else if (status == Status.INVALID) {
            return NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
        } else if (status == Status.READ_ONLY) {
            return NvmeStatus.NAMESPACE_IS_WRITE_PROTECTED | NvmeStatus.DNR;
        } else if (status == Status.NO_RESOURCE || status == Status.TIMED_OUT) {
            return NvmeStatus.COMMAND_INTERRUPTED;
        }
        return contents(status);
    }

    /** What is said of the contents of blocks. */
    private static int contents(int status) {
        if (status == Status.MISCOMPARE) {
            return NvmeStatus.COMPARE_FAILURE;
        } else if (status == Status.GUARD_CHECK) {
            return NvmeStatus.END_TO_END_GUARD_CHECK_ERROR;
        } else if (status == Status.APPLICATION_TAG_CHECK) {
            return NvmeStatus.END_TO_END_APPLICATION_TAG_CHECK_ERROR;
        } else if (status == Status.REFERENCE_TAG_CHECK) {
            return NvmeStatus.END_TO_END_REFERENCE_TAG_CHECK_ERROR;
        }
        return NvmeStatus.INTERNAL_ERROR;
    }

    private static int errno(int errno, IoType type) {
        return switch (errno) {
            case Errno.EIO -> medium(type);
            case Errno.ENOSPC -> NvmeStatus.CAPACITY_EXCEEDED | NvmeStatus.DNR;
            case Errno.EROFS -> NvmeStatus.NAMESPACE_IS_WRITE_PROTECTED | NvmeStatus.DNR;
            case Errno.EACCES, Errno.EPERM -> NvmeStatus.ACCESS_DENIED | NvmeStatus.DNR;
            case Errno.ENODEV, Errno.ENXIO -> NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR;
            case Errno.EINVAL -> NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
            case Errno.EOPNOTSUPP -> NvmeStatus.INVALID_COMMAND_OPCODE | NvmeStatus.DNR;
            case Errno.ECANCELED -> NvmeStatus.COMMAND_ABORT_REQUESTED;
            case Errno.EAGAIN, Errno.ENOMEM, Errno.ETIMEDOUT -> NvmeStatus.COMMAND_INTERRUPTED;
            default -> NvmeStatus.INTERNAL_ERROR;
        };
    }

    private static int sense(int sense, IoType type) {
        if ((sense & ASC_MASK) == Asc.SPACE_ALLOCATION_FAILED_WRITE_PROTECT) {
            return NvmeStatus.CAPACITY_EXCEEDED | NvmeStatus.DNR;
        }
        return switch (sense >> KEY_SHIFT) {
            case SENSE_MEDIUM_ERROR -> medium(type);
            case SENSE_ILLEGAL_REQUEST -> NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
            case SENSE_DATA_PROTECT -> NvmeStatus.NAMESPACE_IS_WRITE_PROTECTED | NvmeStatus.DNR;
            default -> NvmeStatus.INTERNAL_ERROR;
        };
    }

    /** A flush that is tried again may go well, and what was written before is lost all the same: hosts are to hear of it. */
    private static int medium(IoType type) {
        if (type == IoType.FLUSH) {
            return NvmeStatus.WRITE_FAULT | NvmeStatus.DNR;
        }
        return type.writes() ? NvmeStatus.WRITE_FAULT : NvmeStatus.UNRECOVERED_READ_ERROR;
    }
}
