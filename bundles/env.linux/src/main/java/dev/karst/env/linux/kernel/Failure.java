package dev.karst.env.linux.kernel;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;

/** Failed calls, put into words. */
public final class Failure {
    private static final int ENOTBLK = 15;
    private static final int ENFILE = 23;
    private static final int ETXTBSY = 26;
    private static final int ELOOP = 40;
    private static final int EDQUOT = 122;
    private static final int EAFNOSUPPORT = 97;

    private Failure() {}

    /**
     * The exception for a call that gave {@code result}.
     *
     * @param result a negative error number
     * @param what what was not done, to which object: {@code open /a/b}
     */
    public static StorageException of(long result, String what) {
        int errno = (int) -result;
        return StorageException.errno(errno, "cannot " + what + ": " + text(errno) + remedy(errno));
    }

    /** The exception for something that was asked for and makes no sense, with its own words. */
    public static StorageException refused(int errno, String what, String why) {
        return StorageException.errno(errno, "cannot " + what + ": " + why);
    }

    /** For calls that fail only if the program is wrong or the kernel out of memory. */
    public static IllegalStateException unexpected(long result, String what) {
        return new IllegalStateException("cannot " + what + ": " + text((int) -result));
    }

    private static String text(int errno) {
        return switch (errno) {
            case ENOTBLK -> "Block device required";
            case ENFILE -> "Too many open files in system";
            case ETXTBSY -> "Text file busy";
            case ELOOP -> "Too many levels of symbolic links";
            case EDQUOT -> "Disk quota exceeded";
            case EAFNOSUPPORT -> "Address family not supported by protocol";
            default -> Errno.text(errno);
        };
    }

    private static String remedy(int errno) {
        String remedy = switch (errno) {
            case Errno.ENOENT, Errno.ENOTDIR -> "check the path; each folder on it must be there";
            case Errno.EACCES, Errno.EPERM -> "give the user that runs Karst the permission";
            case Errno.EEXIST -> "take another name, or remove what is there";
            case Errno.EISDIR -> "name a file, not a folder";
            case Errno.EROFS -> "open it read-only, or mount the file system for writing";
            case Errno.ENOSPC, EDQUOT -> "free some space, or take another file system";
            case Errno.EFBIG -> "ask for less, or take another file system";
            case Errno.EMFILE, ENFILE -> "raise the limit on open files (ulimit -n)";
            case Errno.ENOMEM -> "free some memory";
            case Errno.EBUSY -> "end what uses it";
            case Errno.ENXIO, Errno.ENODEV -> "check that the device is attached";
            case Errno.EADDRINUSE -> "take another port, or end what listens there";
            case Errno.EADDRNOTAVAIL -> "take an address of this machine (ip addr)";
            case Errno.ENAMETOOLONG, ELOOP -> "take a shorter path";
            default -> null;
        };
        return remedy == null ? "" : "; " + remedy;
    }
}
