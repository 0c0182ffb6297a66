package dev.karst.bdev.lvol.store;

import dev.karst.base.Status;
import dev.karst.bdev.lvol.disk.ClearMethod;
import dev.karst.bdev.lvol.disk.Page;
import dev.karst.bdev.lvol.disk.Pointer;
import dev.karst.bdev.lvol.disk.SuperBlock;
import java.nio.charset.StandardCharsets;

/**
 * Makes an empty store. The super blocks that were there go first, durably, so that at no instant an old one leads to what is
 * new; the first super block comes last.
 */
final class Format {
    /** Fewer pages leave no room for changes. */
    static final int LEAST_PAGES = 64;

    private final Medium medium;
    private final Outcome<Void> outcome;

    private Format(Medium medium, Outcome<Void> outcome) {
        this.medium = medium;
        this.outcome = outcome;
    }

    static void run(Medium medium, StoreOptions options, Outcome<Void> outcome) {
        long clusters = options.clusterSize() <= 0 ? 0 : medium.bytes() / options.clusterSize();
        long pages = Math.max(LEAST_PAGES, (clusters * options.metadataPercent() + 99) / 100);
        String fault = fault(medium, options, clusters, pages);
        if (fault != null) {
            outcome.failed(Failures.invalid(fault));
            return;
        }
        ClearMethod clear = options.clearMethod();
        boolean zeros = clear == ClearMethod.WRITE_ZEROES || clear == ClearMethod.UNMAP && medium.unmapReadsZeroes();
        int first = (int) ((pages * Page.BYTES + options.clusterSize() - 1) / options.clusterSize());
        if (first >= clusters) {
            outcome.failed(Failures.invalid(
                "a store with clusters of " + options.clusterSize() + " bytes needs more than " + medium.bytes() + " bytes"));
            return;
        }
        var block = new SuperBlock(
            options.uuid(), options.name(), options.clusterSize(), (int) pages, clear, 1, (int) clusters,
            zeros ? first : (int) clusters, 1, 0, Pointer.NONE);
        new Format(medium, outcome).go(block, (long) first * options.clusterSize());
    }

    private static String fault(Medium medium, StoreOptions options, long clusters, long pages) {
        int size = options.clusterSize();
        if (Page.BYTES % medium.blockSize() != 0) {
            return "a store needs blocks of 512 to 4096 bytes, and there they have " + medium.blockSize();
        } else if (size < Page.BYTES || size % Page.BYTES != 0) {
            return "a cluster of " + size + " bytes is no multiple of " + Page.BYTES;
        } else if (clusters >= Integer.MAX_VALUE || pages >= Integer.MAX_VALUE) {
            return clusters + " clusters are too many; make them larger";
        } else if (options.metadataPercent() < 1 || options.metadataPercent() > 1_000_000) {
            return "num_md_pages_per_cluster_ratio is 1 to 1000000";
        }
        return nameFault(options.name());
    }

    /** What is wrong with a name; null for nothing. */
    static String nameFault(String name) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > SuperBlock.NAME_BYTES) {
            return "a name has 1 to " + SuperBlock.NAME_BYTES + " bytes, and this one has " + bytes;
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            return "a name has no half of a surrogate pair";
        }
        boolean plain = name.chars().noneMatch(letter -> letter < ' ' || letter == '/');
        return plain ? null : "a name has no slash and no control character";
    }

    static void erase(Medium medium, Done done) {
        medium.zero(SuperBlock.FIRST * (long) Page.BYTES, Page.BYTES, first ->
            medium.zero(SuperBlock.SECOND * (long) Page.BYTES, Page.BYTES, second ->
                medium.flush(flushed -> done.done(first != Status.OK ? first : second != Status.OK ? second : flushed))));
    }

    private void go(SuperBlock block, long data) {
        erase(medium, then(() -> clear(block, data, then(() -> medium.flush(then(() -> finish(block)))))));
    }

    private void clear(SuperBlock block, long data, Done done) {
        long length = (long) block.clusters() * block.clusterSize() - data;
        switch (block.clearMethod()) {
            case UNMAP -> medium.unmap(data, length, done);
            case WRITE_ZEROES -> medium.zero(data, length, done);
            case NONE -> done.done(Status.OK);
        }
    }

    private void finish(SuperBlock block) {
        byte[] page = block.encode();
        medium.write(SuperBlock.FIRST * (long) Page.BYTES, page, then(() ->
            medium.flush(then(() ->
                medium.write(SuperBlock.SECOND * (long) Page.BYTES, page, then(() -> outcome.succeeded(null)))))));
    }

    private Done then(Runnable next) {
        return status -> {
            if (status == Status.OK) {
                next.run();
            } else {
                outcome.failed(Failures.io("making a store", status));
            }
        };
    }
}
