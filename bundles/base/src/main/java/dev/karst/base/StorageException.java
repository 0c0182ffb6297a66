package dev.karst.base;

/**
 * A control-plane operation that did not succeed. The message says what was asked, of which object, what stood in the
 * way and what to do about it; a person reads it as it stands. Never thrown on the I/O path, where a {@link Status} is
 * returned.
 */
public class StorageException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int code;

    /**
     * @param code how a client of the control plane sees it: a negative {@link Errno}, or a code of JSON-RPC
     * @param message one line
     */
    public StorageException(int code, String message) {
        super(message);
        this.code = code;
    }

    /** As above, with the failure underneath. */
    public StorageException(int code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** An exception with a Linux error number, given positive. */
    public static StorageException errno(int errno, String message) {
        return new StorageException(-errno, message);
    }

    /**
     * What to throw when something cannot be done: the system's words for the error number, which clients look for, then
     * {@code why}.
     */
    public static StorageException failure(int errno, String why) {
        return errno(errno, Errno.text(errno) + ": " + why);
    }

    /** The negative error number, or a code of JSON-RPC. */
    public int code() {
        return code;
    }
}
