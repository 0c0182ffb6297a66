package dev.karst.bdev.core.limit;

/**
 * What a device may do in a second; 0 for no limit. As SPDK has it, each is a multiple of its least.
 *
 * @param ios reads and writes
 * @param mebibytes read and written, in MiB
 * @param readMebibytes read, in MiB
 * @param writtenMebibytes written, in MiB
 */
public record Rates(long ios, long mebibytes, long readMebibytes, long writtenMebibytes) {
    /** No limit. */
    public static final Rates NONE = new Rates(0, 0, 0, 0);

    /** What a number of I/Os is rounded up to a multiple of. */
    public static final long LEAST_IOS = 1000;

    /** The largest limits; more is as good as none. */
    private static final long MOST_IOS = 1_000_000_000_000L;
    private static final long MOST_MEBIBYTES = 1L << 36;

    public Rates {
        ios = (Math.min(ios, MOST_IOS) + LEAST_IOS - 1) / LEAST_IOS * LEAST_IOS;
        mebibytes = Math.min(mebibytes, MOST_MEBIBYTES);
        readMebibytes = Math.min(readMebibytes, MOST_MEBIBYTES);
        writtenMebibytes = Math.min(writtenMebibytes, MOST_MEBIBYTES);
    }

    public boolean isNone() {
        return equals(NONE);
    }
}
