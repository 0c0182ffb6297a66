package dev.karst.vhost.ring;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;

/**
 * Which pages of the guest's memory were written, a bit each, for a front-end that copies the memory elsewhere meanwhile. Bits are set as
 * one step to all others.
 *
 * @param address of the bits, a multiple of 8
 * @param bytes likewise; what lies behind them is not noted
 */
public record DirtyLog(long address, long bytes) {
    private static final int PAGE_SHIFT = 12;
    private static final int BITS_SHIFT = 6;

    /** These bytes of the guest's memory were written. Any thread. */
    public void mark(long guest, long length) {
        long last = guest + length - 1 >>> PAGE_SHIFT;
        for (long page = guest >>> PAGE_SHIFT; page <= last; page++) {
            long word = (page >>> BITS_SHIFT) * Long.BYTES;
            if (word < bytes) {
                Mem.orLong(address + word, 1L << page);
            }
        }
    }

    /** All of these were written. */
    void mark(GuestMemory memory, IoVector written) {
        for (int i = 0; i < written.count(); i++) {
            mark(memory.toGuest(written.address(i)), written.length(i));
        }
    }
}
