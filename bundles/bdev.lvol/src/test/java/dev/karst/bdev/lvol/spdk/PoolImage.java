package dev.karst.bdev.lvol.spdk;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** A disk that SPDK v26.01 wrote a pool on, in memory; what is empty takes none. */
public final class PoolImage implements PoolDisk {
    private static final int PAGE = 4096;
    private static final byte[] EMPTY = new byte[PAGE];
    /** As many bytes as hold all metadata. */
    private static final int HEAD = 128 * PAGE;

    /** The first bytes, for changes. */
    final byte[] head = new byte[HEAD];
    private final List<byte[]> pages = new ArrayList<>();

    private PoolImage(InputStream in) throws IOException {
        byte[] page = in.readNBytes(PAGE);
        while (page.length == PAGE) {
            int at = pages.size() * PAGE;
            if (at < HEAD) {
                System.arraycopy(page, 0, head, at, PAGE);
            }
            pages.add(Arrays.equals(page, EMPTY) ? EMPTY : page);
            page = in.readNBytes(PAGE);
        }
    }

    /** Shut down in order. */
    public static PoolImage clean() throws IOException {
        return of("pool-clean.img.gz");
    }

    /** The same disk while the target was still running. */
    public static PoolImage unclean() throws IOException {
        return of("pool-unclean.img.gz");
    }

    private static PoolImage of(String name) throws IOException {
        try (InputStream in = new GZIPInputStream(PoolImage.class.getResourceAsStream(name))) {
            return new PoolImage(in);
        }
    }

    @Override
    public String name() {
        return "image";
    }

    @Override
    public long bytes() {
        return (long) pages.size() * PAGE;
    }

    @Override
    public byte[] read(long offset, int length) {
        byte[] read = new byte[length];
        for (int at = 0; at < length; at += PAGE) {
            long from = offset + at;
            boolean inHead = from < HEAD;
            System.arraycopy(inHead ? head : pages.get((int) (from / PAGE)), inHead ? (int) from : 0, read, at, PAGE);
        }
        return read;
    }
}
