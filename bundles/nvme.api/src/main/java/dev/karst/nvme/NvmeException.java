package dev.karst.nvme;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;

/** A command of the control plane that the controller refused or failed: EIO, with the status that it gave. */
public final class NvmeException extends StorageException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final long result;

    /**
     * @param status the completion's status field, without its phase
     * @param result dwords 0 and 1 of the completion
     */
    public NvmeException(String message, int status, long result) {
        super(-Errno.EIO, message);
        this.status = status;
        this.result = result;
    }

    /** The completion's status field: {@link dev.karst.spec.nvme.NvmeStatus}. */
    public int status() {
        return status;
    }

    /** Dwords 0 and 1 of the completion, dword 0 in the low half. */
    public long result() {
        return result;
    }
}
