package dev.karst.base;

/**
 * The outcome of an I/O as one packed {@code int}: 0 is success, anything else names a domain and a code in it.
 *
 * <pre>
 *  31 30      24 23                                     0
 * +--+----------+----------------------------------------+
 * | 0|  domain  |                 code                   |
 * +--+----------+----------------------------------------+
 * </pre>
 *
 * Each origin keeps its own domain; the edge of a protocol translates, by one table. Statuses are never negative.
 */
public final class Status {
    /** Success, in every domain. */
    public static final int OK = 0;

    private static final int DOMAIN_SHIFT = 24;
    private static final int CODE_MASK = (1 << DOMAIN_SHIFT) - 1;

    /** Domain of Karst's own codes. */
    public static final int KARST = 1;
    /** Domain of Linux error numbers; the code is positive. */
    public static final int ERRNO = 2;
    /** Domain of NVMe status; the code is SCT in bits 10:8 and SC in bits 7:0. NVMe Base 2.1, 4.2.3. */
    public static final int NVME = 3;
    /** Domain of SCSI sense; the code is sense key, ASC and ASCQ in bits 19:16, 15:8 and 7:0. */
    public static final int SCSI = 4;

    /** A pool, ring or queue is full for the moment: ask again when told that there is room. */
    public static final int NO_RESOURCE = of(KARST, 1);
    /** The I/O was aborted on request, by a reset or by a drain. */
    public static final int ABORTED = of(KARST, 2);
    /** The block device is gone, or going. */
    public static final int REMOVED = of(KARST, 3);
    /** The block range does not lie within the device. */
    public static final int OUT_OF_RANGE = of(KARST, 4);
    /** The device does not do this type of I/O. */
    public static final int NOT_SUPPORTED = of(KARST, 5);
    /** The request contradicts itself: a length that is no multiple of the block size, no data where data is due. */
    public static final int INVALID = of(KARST, 6);
    /** A write through a read-only descriptor or to a read-only device. */
    public static final int READ_ONLY = of(KARST, 7);
    /** The I/O did not end within its time. */
    public static final int TIMED_OUT = of(KARST, 8);
    /** The device failed without saying how. */
    public static final int FAILED = of(KARST, 9);
    /** What the device holds differs from what it was compared with. */
    public static final int MISCOMPARE = of(KARST, 10);
    /** The guard of a block's protection information does not fit its data. */
    public static final int GUARD_CHECK = of(KARST, 11);
    /** The application tag of a block's protection information is not the one expected. */
    public static final int APPLICATION_TAG_CHECK = of(KARST, 12);
    /** The reference tag of a block's protection information is not the one expected. */
    public static final int REFERENCE_TAG_CHECK = of(KARST, 13);

    /** There is no way to the device at the moment: a connection is lost, or being made. */
    public static final int NOT_CONNECTED = of(KARST, 14);

    private static final String[] NAMES = {
        null, "no resource", "aborted", "device removed", "out of range", "not supported", "invalid request", "read only",
        "timed out", "failed", "miscompare", "guard check failed", "application tag check failed", "reference tag check failed",
        "not connected"
    };

    private Status() {}

    /** Packs a domain (1 to 127) and a code (24 bits). */
    public static int of(int domain, int code) {
        return domain << DOMAIN_SHIFT | code & CODE_MASK;
    }

    /** A Linux error number, given positive or as the kernel returns it, negative. */
    public static int errno(int errno) {
        return of(ERRNO, Math.abs(errno));
    }

    /** An NVMe status code type and status code. */
    public static int nvme(int sct, int sc) {
        return of(NVME, sct << 8 | sc);
    }

    /** The domain; 0 for success. */
    public static int domain(int status) {
        return status >>> DOMAIN_SHIFT;
    }

    /** The code within the domain. */
    public static int code(int status) {
        return status & CODE_MASK;
    }

    /** The status for a person to read. */
    public static String text(int status) {
        return switch (domain(status)) {
            case 0 -> "ok";
            case KARST -> code(status) < NAMES.length ? NAMES[code(status)] : "karst " + code(status);
            case ERRNO -> Errno.text(code(status));
            case NVME -> String.format("nvme %X/%02X", code(status) >> 8, code(status) & 0xff);
            case SCSI -> String.format("scsi %X/%02X/%02X", code(status) >> 16, code(status) >> 8 & 0xff, code(status) & 0xff);
            default -> String.format("status 0x%08X", status);
        };
    }
}
