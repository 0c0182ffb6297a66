package dev.karst.env.sim;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The bytes of a file, kept in pages; what was never written reads as zeros. A {@link #fork} shares its pages with the
 * original, which must not change any more, and keeps only what differs. The hash is one of the contents alone.
 */
public final class SparseBytes {
    private static final int PAGE = 4096;
    private static final byte[] ZEROS = new byte[PAGE];
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final SparseBytes below;
    private final Map<Long, byte[]> pages = new HashMap<>();
    private long size;
    /** Whether there is a fork, so that this does not change any more. */
    private boolean forked;
    /** The hash of the contents once that was asked for and there is a fork; 0 until then. */
    private long forkedHash;

    /** {@code size} zeros. */
    public SparseBytes(long size) {
        this.below = null;
        this.size = size;
    }

    private SparseBytes(SparseBytes below) {
        this.below = below;
        this.size = below.size;
    }

    /** The same bytes, to be changed on their own. */
    public SparseBytes fork() {
        forked = true;
        return new SparseBytes(this);
    }

    /** The same bytes, sharing nothing. */
    public SparseBytes copy() {
        SparseBytes copy = new SparseBytes(size);
        copy.take(this);
        return copy;
    }

    public long size() {
        return size;
    }

    /** Bytes allocated, in whole pages. */
    public long allocated() {
        long own = 0;
        for (Map.Entry<Long, byte[]> page : pages.entrySet()) {
            own += page.getValue() == ZEROS ? 0 : PAGE;
            own -= below != null && below.page(page.getKey()) != ZEROS ? PAGE : 0;
        }
        return own + (below == null ? 0 : below.allocated());
    }

    /** How many bytes more would be allocated if the range were written. */
    long growth(long offset, long length) {
        long growth = 0;
        for (long at = offset / PAGE; at * PAGE < offset + length; at++) {
            growth += page(at) == ZEROS ? PAGE : 0;
        }
        return growth;
    }

    /** The first byte from {@code offset} on of an allocated page, or of one that is not; the size when there is none. */
    long seek(long offset, boolean hole) {
        long at = offset;
        while (at < size && (page(at / PAGE) == ZEROS) != hole) {
            at = (at / PAGE + 1) * PAGE;
        }
        return Math.min(at, size);
    }

    /** Reads bytes, which lie within the size. */
    public void read(long offset, byte[] target, int from, int length) {
        int done = 0;
        while (done < length) {
            int within = (int) ((offset + done) % PAGE);
            int part = Math.min(length - done, PAGE - within);
            System.arraycopy(page((offset + done) / PAGE), within, target, from + done, part);
            done += part;
        }
    }

    /** All of a range. */
    public byte[] read(long offset, int length) {
        byte[] bytes = new byte[length];
        read(offset, bytes, 0, length);
        return bytes;
    }

    /** Writes bytes; the size grows if they reach past it. */
    public void write(long offset, byte[] source, int from, int length) {
        int done = 0;
        while (done < length) {
            int within = (int) ((offset + done) % PAGE);
            int part = Math.min(length - done, PAGE - within);
            System.arraycopy(source, from + done, own((offset + done) / PAGE), within, part);
            done += part;
        }
        size = Math.max(size, offset + length);
    }

    /** The 64-bit word, little endian, that begins at an offset divisible by eight. */
    public long word(long offset) {
        return (long) LONGS.get(page(offset / PAGE), (int) (offset % PAGE));
    }

    /** Sets a range to zeros; whole pages are given back. Does not change the size. */
    public void zero(long offset, long length) {
        long at = offset;
        long end = Math.min(size, offset + length);
        while (at < end) {
            int within = (int) (at % PAGE);
            int part = (int) Math.min(end - at, PAGE - within);
            if (part == PAGE) {
                drop(at / PAGE);
            } else if (page(at / PAGE) != ZEROS) {
                Arrays.fill(own(at / PAGE), within, within + part, (byte) 0);
            }
            at += part;
        }
    }

    /** Gives it another size: what is cut off is gone, what is added reads as zeros. */
    public void resize(long bytes) {
        if (bytes < size) {
            zero(bytes, size - bytes);
        }
        size = bytes;
    }

    /** A hash of size and contents; equal contents hash equally, however they came about. */
    public long hash() {
        return contentHash() + mix(size);
    }

    private long contentHash() {
        if (forkedHash != 0) {
            return forkedHash;
        }
        long hash = below == null ? 0 : below.contentHash();
        for (Map.Entry<Long, byte[]> page : pages.entrySet()) {
            hash += pageHash(page.getKey(), page.getValue());
            hash -= below == null ? 0 : pageHash(page.getKey(), below.page(page.getKey()));
        }
        forkedHash = forked ? hash : 0;
        return hash;
    }

    private void take(SparseBytes other) {
        if (other.below != null) {
            take(other.below);
        }
        other.pages.forEach((at, page) -> {
            if (page == ZEROS) {
                pages.remove(at);
            } else {
                pages.put(at, page.clone());
            }
        });
    }

    private byte[] page(long at) {
        byte[] page = pages.get(at);
        if (page != null) {
            return page;
        }
        return below == null ? ZEROS : below.page(at);
    }

    private byte[] own(long at) {
        byte[] page = pages.get(at);
        if (page == null || page == ZEROS) {
            page = page(at).clone();
            pages.put(at, page);
        }
        return page;
    }

    private void drop(long at) {
        if (below == null) {
            pages.remove(at);
        } else {
            pages.put(at, ZEROS);
        }
    }

    private static long pageHash(long at, byte[] page) {
        if (page == ZEROS) {
            return 0;
        }
        long hash = 0;
        long any = 0;
        for (int i = 0; i < PAGE; i += 8) {
            long word = (long) LONGS.get(page, i);
            hash = hash * 0x9E3779B97F4A7C15L + word;
            any |= word;
        }
        return any == 0 ? 0 : mix(hash ^ mix(at + 1));
    }

    private static long mix(long value) {
        long mixed = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return mixed ^ mixed >>> 31;
    }
}
