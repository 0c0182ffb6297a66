package dev.karst.bdev.nvme.io;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.spec.nvme.NvmeStatus;

/** What a command's status means here. */
@ReactorConfined
final class Outcomes {
    private static final int CODE = 0x7ff;
    private static final int PATH_RELATED = 3;
    private static final int MEDIA = 2;

    private Outcomes() {}

    /** The status of the I/O whose command ended like that. */
    static int status(int nvme) {
        return switch (nvme & CODE) {
            case NvmeStatus.SUCCESSFUL_COMPLETION -> Status.OK;
            case NvmeStatus.COMPARE_FAILURE -> Status.MISCOMPARE;
            case NvmeStatus.END_TO_END_GUARD_CHECK_ERROR -> Status.GUARD_CHECK;
            case NvmeStatus.END_TO_END_APPLICATION_TAG_CHECK_ERROR -> Status.APPLICATION_TAG_CHECK;
            case NvmeStatus.END_TO_END_REFERENCE_TAG_CHECK_ERROR -> Status.REFERENCE_TAG_CHECK;
            case NvmeStatus.LBA_OUT_OF_RANGE -> Status.OUT_OF_RANGE;
            case NvmeStatus.COMMAND_ABORT_REQUESTED -> Status.ABORTED;
            default -> Status.nvme(NvmeStatus.sct(nvme), NvmeStatus.sc(nvme));
        };
    }

    /** Whether the way to the namespace failed, rather than the namespace. */
    static boolean isOfPath(int nvme) {
        return NvmeStatus.sct(nvme) == PATH_RELATED || (nvme & CODE) == NvmeStatus.ABORTED_SQ_DELETION;
    }

    /** Whether the controller refused the command for its access to the namespace; it was not done. */
    static boolean isOfAccess(int nvme) {
        int code = nvme & CODE;
        return code >= NvmeStatus.ASYMMETRIC_ACCESS_PERSISTENT_LOSS && code <= NvmeStatus.ASYMMETRIC_ACCESS_TRANSITION;
    }

    /** Whether the same command may succeed the next time on the same path. */
    static boolean isWorthRepeating(int nvme) {
        return (nvme & NvmeStatus.DNR) == 0 && NvmeStatus.sct(nvme) != MEDIA;
    }
}
