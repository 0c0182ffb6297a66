package dev.karst.base;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The CRC-32C of raw memory, RFC 3720 appendix B.4, at the processor's speed. Keeps a view of each region that it met,
 * so that a digest allocates nothing after the first in a region. Never over memory that another process can truncate.
 * Reactor-confined.
 */
@ReactorConfined
public final class Crc32c {
    /** A view is an {@code int} long; regions are seen through windows of this size. */
    private static final long WINDOW = 1L << 30;
    private static final int VIEWS = 8;

    private final CRC32C crc = new CRC32C();
    private final long[] bases = new long[VIEWS];
    private final long[] ends = new long[VIEWS];
    private final ByteBuffer[] views = new ByteBuffer[VIEWS];
    private int victim;

    public void reset() {
        crc.reset();
    }

    /** Adds {@code length} bytes of one registered region. */
    public void update(long address, long length) {
        long at = address;
        long end = address + length;
        while (at < end) {
            int index = view(at);
            int part = (int) Math.min(end, ends[index]) - (int) at;
            ByteBuffer view = views[index];
            int from = (int) (at - bases[index]);
            view.limit(from + part).position(from);
            crc.update(view);
            at += part;
        }
    }

    /** Adds all of a scatter list. */
    public void update(IoVector data) {
        for (int i = 0; i < data.count(); i++) {
            update(data.address(i), data.length(i));
        }
    }

    /** Adds {@code length} bytes of a scatter list from {@code offset} on. */
    public void update(IoVector data, long offset, long length) {
        long skip = offset;
        long left = length;
        for (int i = 0; i < data.count() && left > 0; i++) {
            long here = data.length(i);
            if (skip < here) {
                long part = Math.min(left, here - skip);
                update(data.address(i) + skip, part);
                left -= part;
                skip = here;
            }
            skip -= here;
        }
        assert left == 0 : "the digest reaches past the end";
    }

    /** The digest so far. */
    public int value() {
        return (int) crc.getValue();
    }

    /** The digest of one piece of memory. */
    public int of(long address, long length) {
        reset();
        update(address, length);
        return value();
    }

    private int view(long address) {
        for (int i = 0; i < VIEWS; i++) {
            if (address >= bases[i] && address < ends[i]) {
                return i;
            }
        }
        return open(address);
    }

    private int open(long address) {
        long region = Mem.regions().baseOf(address);
        if (region == 0) {
            throw new IndexOutOfBoundsException(String.format("0x%x lies in no registered region", address));
        }
        int index = victim++ % VIEWS;
        bases[index] = region + (address - region) / WINDOW * WINDOW;
        ends[index] = Math.min(bases[index] + WINDOW, Mem.regions().endOf(address));
        views[index] = Mem.view(bases[index], ends[index] - bases[index]).asByteBuffer();
        return index;
    }
}
