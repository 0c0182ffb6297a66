package dev.karst.env.linux.memory;

/**
 * A piece of mapped memory that is given out as a whole.
 *
 * @param address of the first byte
 * @param bytes its length, a multiple of 4 KiB
 * @param huge whether it lies in huge pages
 * @param fresh whether nobody has had it yet, so that it is zero
 */
record Block(long address, long bytes, boolean huge, boolean fresh) {
    /** The first {@code size} bytes. */
    Block first(long size) {
        return new Block(address, size, huge, fresh);
    }

    /** What lies behind them. */
    Block behind(long size) {
        return new Block(address + size, bytes - size, huge, fresh);
    }

    /** The same, after somebody has had it. */
    Block used() {
        return new Block(address, bytes, huge, false);
    }
}
