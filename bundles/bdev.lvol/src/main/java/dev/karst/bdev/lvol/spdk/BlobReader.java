package dev.karst.bdev.lvol.spdk;

import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.spdk.Blob.Run;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Reads single blobs. What is wrong with one is its {@link Blob#trouble}, and none of the others'. */
final class BlobReader {
    private static final int PADDING = 0;
    private static final int EXTENTS = 1;
    private static final int ATTRIBUTE = 2;
    private static final int FLAGS = 3;
    private static final int OWN_ATTRIBUTE = 4;
    private static final int EXTENT_TABLE = 5;
    private static final int EXTENT_PAGE = 6;
    /** What stands before a descriptor's bytes: what it is, and their number. */
    private static final int HEAD = 5;
    /** A run in the figures of extents: two numbers of 32 bits. */
    private static final int RUN = 8;
    private static final int FLAGS_LENGTH = 24;
    private static final int SHORT = 0xffff;

    private final PoolDisk disk;
    private final SuperBlock pool;

    BlobReader(PoolDisk disk, SuperBlock pool) {
        this.disk = disk;
        this.pool = pool;
    }

    /** What stands in the way of reading one blob; found and told within this package. */
    private static final class Damage extends Exception {
        private static final long serialVersionUID = 1L;

        Damage(String what) {
            super(what);
        }
    }

    private static void check(boolean right, String wrong) throws Damage {
        if (!right) {
            throw new Damage(wrong);
        }
    }

    /** The blob whose first page this is. */
    Blob read(MetadataPage first) throws StorageException {
        var blob = new Blob(first.id());
        try {
            readChain(blob, first);
            check(blob.isKnown(), "it uses something of a later version of SPDK");
            readClusters(blob);
        } catch (Damage e) {
            blob.trouble = e.getMessage();
        }
        return blob;
    }

    /** A page comes twice only in a circle, and then not at its place. */
    private void readChain(Blob blob, MetadataPage first) throws StorageException, Damage {
        MetadataPage page = first;
        int place = 0;
        readDescriptors(blob, page);
        while (page.next() != MetadataPage.NONE) {
            place++;
            page = page(page.next());
            check(page.id() == blob.id && page.place() == place, "its pages do not follow each other");
            readDescriptors(blob, page);
        }
    }

    private MetadataPage page(long number) throws StorageException, Damage {
        check(number < pool.metadataPages(), "it refers to page " + number + " of " + pool.metadataPages());
        byte[] bytes = disk.read((pool.metadataStart() + number) * MetadataPage.BYTES, MetadataPage.BYTES);
        check(MetadataPage.isWhole(bytes), "page " + number + " is damaged");
        return MetadataPage.of(bytes);
    }

    private static void readDescriptors(Blob blob, MetadataPage page) throws Damage {
        ByteBuffer at = page.descriptors();
        while (at.remaining() >= HEAD) {
            int what = at.get();
            int length = at.getInt();
            if (what == PADDING && length == 0) {
                return;
            }
            check(length >= 0 && length <= at.remaining(), "a descriptor is longer than its page");
            readDescriptor(blob, what, at.slice(at.position(), length).order(at.order()));
            at.position(at.position() + length);
        }
    }

    private static void readDescriptor(Blob blob, int what, ByteBuffer at) throws Damage {
        switch (what) {
            case PADDING -> { }
            case EXTENTS -> readRuns(at, blob.extents);
            case ATTRIBUTE -> readAttribute(at, blob.attributes);
            case OWN_ATTRIBUTE -> readAttribute(at, blob.own);
            case FLAGS -> {
                check(at.remaining() == FLAGS_LENGTH, "its flags have another length");
                blob.flags = at.getLong();
                blob.readOnlyFlags = at.getLong();
            }
            case EXTENT_TABLE -> {
                check(at.remaining() >= Long.BYTES, "its extent table is too short");
                blob.tableClusters = at.getLong();
                readRuns(at, blob.extentPages);
            }
            default -> throw new Damage("it has a descriptor of kind " + what);
        }
    }

    private static void readRuns(ByteBuffer at, List<Run> runs) throws Damage {
        check(at.remaining() % RUN == 0, "a list of extents has a part of one");
        while (at.hasRemaining()) {
            runs.add(new Run(at.getInt(), at.getInt() & MetadataPage.NONE));
        }
    }

    private static void readAttribute(ByteBuffer at, Map<String, byte[]> attributes) throws Damage {
        check(at.remaining() >= 2 * Short.BYTES, "an attribute is too short");
        byte[] name = new byte[at.getShort() & SHORT];
        byte[] value = new byte[at.getShort() & SHORT];
        check(at.remaining() == name.length + value.length, "an attribute has another length");
        at.get(name).get(value);
        attributes.put(new String(name, StandardCharsets.UTF_8), value);
    }

    private void readClusters(Blob blob) throws StorageException, Damage {
        boolean hasTable = blob.has(Blob.EXTENT_TABLE);
        check(hasTable == blob.tableClusters >= 0 && (!hasTable || blob.extents.isEmpty()), "its extents are said in two ways, or none");
        if (hasTable) {
            readTable(blob);
        } else {
            readRuns(blob);
        }
    }

    private void readTable(Blob blob) throws StorageException, Damage {
        blob.table = table(blob.tableClusters);
        long cluster = 0;
        for (Run run : blob.extentPages) {
            check(run.first() == 0 || run.length() == 1, "its extent table has a run of pages");
            check(cluster < blob.tableClusters || run.length() == 0, "its extent table is too long");
            if (run.first() != 0) {
                readExtentPage(blob, run.first() & MetadataPage.NONE, cluster);
            }
            cluster += run.length() * ClusterTable.LEAF;
        }
        check(cluster >= blob.tableClusters, "its extent table is too short");
    }

    /** Such a page may be anywhere: whoever has it says where. */
    static boolean holdsExtents(MetadataPage page) {
        return page.descriptors().get() == EXTENT_PAGE;
    }

    private void readExtentPage(Blob blob, long number, long cluster) throws StorageException, Damage {
        ByteBuffer at = page(number).descriptors();
        int kind = at.get();
        int length = at.getInt();
        check(kind == EXTENT_PAGE && length >= Integer.BYTES && length % Integer.BYTES == 0 && length <= at.remaining(),
            "page " + number + " holds no extents");
        long first = at.getInt() & MetadataPage.NONE;
        long there = length / Integer.BYTES - 1;
        long needed = Math.min(ClusterTable.LEAF, blob.tableClusters - cluster);
        check(first == cluster && there >= needed, "page " + number + " holds other extents");
        for (long i = 0; i < needed; i++) {
            set(blob, cluster + i, at.getInt());
        }
    }

    private void readRuns(Blob blob) throws Damage {
        long clusters = 0;
        for (Run run : blob.extents) {
            clusters += run.length();
            check(clusters <= ClusterTable.MOST, "it has too many clusters");
        }
        blob.table = table(clusters);
        long cluster = 0;
        for (Run run : blob.extents) {
            for (long i = 0; i < run.length() && run.first() != 0; i++) {
                set(blob, cluster + i, (int) (run.first() + i));
            }
            cluster += run.length();
        }
    }

    private static ClusterTable table(long clusters) throws Damage {
        check(clusters <= ClusterTable.MOST, "it has too many clusters");
        return new ClusterTable(clusters);
    }

    private void set(Blob blob, long cluster, int onDisk) throws Damage {
        if (onDisk != 0) {
            check(onDisk >= pool.firstDataCluster() && onDisk < pool.clusters(), "it claims cluster " + Integer.toUnsignedLong(onDisk)
                + ", which is none for data");
            blob.table.set(cluster, onDisk);
        }
    }
}
