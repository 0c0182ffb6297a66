package dev.karst.bdev.core.measure;

import dev.karst.base.Status;

/** How an I/O failed, as far as SPDK's clients tell it apart in {@code io_error}; in SPDK's order. */
public enum Outcome {
    FAILED,
    NVME_ERROR,
    SCSI_ERROR,
    NOMEM,
    MISCOMPARE,
    FIRST_FUSED_FAILED,
    ABORTED,
    AIO_ERROR;

    /** What a status other than success counts as. */
    public static Outcome of(int status) {
        return switch (Status.domain(status)) {
            case Status.NVME -> NVME_ERROR;
            case Status.SCSI -> SCSI_ERROR;
            case Status.ERRNO -> AIO_ERROR;
            default -> ofOurs(status);
        };
    }

    private static Outcome ofOurs(int status) {
        if (status == Status.NO_RESOURCE) {
            return NOMEM;
        }
        if (status == Status.ABORTED) {
            return ABORTED;
        }
        return status == Status.MISCOMPARE ? MISCOMPARE : FAILED;
    }
}
