package dev.karst.bdev.lvol.spdk;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Reads a whole pool: looks at each page of the metadata for one that begins a blob, as SPDK does after a crash. The masks of what is
 * in use, which only an orderly shutdown writes, are not needed; so it makes no difference whether there was one.
 */
public final class PoolReader {
    /** The clone of a snapshot that was being made, or being deleted, when the power went. */
    private static final List<String> UNFINISHED = List.of("SNAPTMP", "SNAPRM");
    private static final String PARENT = "SNAP";
    /** Before the bits of a mask: a byte that says which, and their number in 32 bits. */
    private static final int MASK_HEAD = 5;
    private static final int PAGES_AT_ONCE = 256;
    private static final int MOST_PROBLEMS = 64;
    private static final byte[] EMPTY = new byte[MetadataPage.BYTES];

    private final PoolDisk disk;
    private final SuperBlock pool;
    private final Map<Long, Blob> blobs = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    private PoolReader(PoolDisk disk, SuperBlock pool) {
        this.disk = disk;
        this.pool = pool;
    }

    /**
     * Reads the pool on a disk. Blocks; control threads.
     *
     * @return what is there; nothing when the disk does not begin as a pool does
     * @throws StorageException EINVAL when it begins so and cannot be read, saying why; what the disk says
     */
    public static Optional<SpdkPool> read(PoolDisk disk) throws StorageException {
        if (disk.bytes() < MetadataPage.BYTES) {
            return Optional.empty();
        }
        byte[] first = disk.read(0, MetadataPage.BYTES);
        if (!SuperBlock.isSigned(first)) {
            return Optional.empty();
        }
        return Optional.of(new PoolReader(disk, SuperBlock.of(first, disk)).read());
    }

    private SpdkPool read() throws StorageException {
        findBlobs();
        if (pool.clean()) {
            findLost();
        }
        Blob named = blobs.remove(pool.nameBlob());
        if (named == null || named.trouble != null || named.text("name") == null) {
            throw StorageException.failure(Errno.EINVAL, "the SPDK pool on " + disk.name() + " is not read: "
                + (named == null || named.trouble == null ? "it has no name" : "of the page with its name, " + named.trouble));
        }
        dropUnfinished();
        findShared();
        List<SpdkVolume> volumes = volumes();
        long data = pool.clusters() - pool.firstDataCluster();
        return new SpdkPool(uuid(named), named.text("name"), pool.clean(), pool.clusterBytes(), pool.blockSize(), data,
            data - owned(), volumes, List.copyOf(problems));
    }

    private void findBlobs() throws StorageException {
        var reader = new BlobReader(disk, pool);
        for (long page = 0; page < pool.metadataPages(); page += PAGES_AT_ONCE) {
            int count = (int) Math.min(PAGES_AT_ONCE, pool.metadataPages() - page);
            byte[] pages = disk.read((pool.metadataStart() + page) * MetadataPage.BYTES, count * MetadataPage.BYTES);
            for (int i = 0; i < count; i++) {
                look(reader, page + i, Arrays.copyOfRange(pages, i * MetadataPage.BYTES, (i + 1) * MetadataPage.BYTES));
            }
        }
    }

    private void look(BlobReader reader, long number, byte[] bytes) throws StorageException {
        if (!MetadataPage.isWhole(bytes)) {
            if (!Arrays.equals(bytes, EMPTY)) {
                problem("page " + number + " of the metadata is damaged");
            }
            return;
        }
        MetadataPage page = MetadataPage.of(bytes);
        if (page.id() == (MetadataPage.ID_BIT | number) && page.place() == 0) {
            blobs.put(page.id(), reader.read(page));
        } else if (page.place() == 0 && !BlobReader.holdsExtents(page)) {
            problem("page " + number + " of the metadata says that it is page " + (page.id() & MetadataPage.NONE));
        }
    }

    /** An orderly shutdown leaves a bit for each blob. It is not protected, so a wrong one is no more than a problem. */
    private void findLost() throws StorageException {
        byte[] bits = new byte[0];
        for (long page = 0; page < pool.blobMaskPages() && bits.length * (long) Byte.SIZE < pool.metadataPages(); page++) {
            byte[] more = disk.read((pool.blobMaskStart() + page) * MetadataPage.BYTES, MetadataPage.BYTES);
            int head = page == 0 ? MASK_HEAD : 0;
            int before = bits.length;
            bits = Arrays.copyOf(bits, before + more.length - head);
            System.arraycopy(more, head, bits, before, more.length - head);
        }
        BitSet used = BitSet.valueOf(bits);
        for (int page = used.nextSetBit(0); page >= 0 && page < pool.metadataPages(); page = used.nextSetBit(page + 1)) {
            if (!blobs.containsKey(MetadataPage.ID_BIT | page)) {
                problem("the blob of page " + page + " of the metadata is lost");
            }
        }
    }

    private void problem(String what) {
        if (problems.size() < MOST_PROBLEMS) {
            problems.add(what);
        }
    }

    /** A snapshot that was being made or deleted is there as long as its clone stands on it. */
    private void dropUnfinished() {
        for (Blob blob : List.copyOf(blobs.values())) {
            for (String mark : UNFINISHED) {
                Blob clone = blobs.get(blob.reference(mark));
                if (blob.own.containsKey(mark) && (clone == null || clone.reference(PARENT) != blob.id)) {
                    blobs.remove(blob.id);
                }
            }
        }
    }

    /** Nobody can tell whose a cluster is that two say they have. */
    private void findShared() {
        var seen = new BitSet();
        var shared = new BitSet();
        for (Blob blob : readable()) {
            blob.table.forEach(cluster -> {
                shared.set(cluster, seen.get(cluster) || shared.get(cluster));
                seen.set(cluster);
            });
        }
        for (Blob blob : readable()) {
            var own = new BitSet();
            blob.table.forEach(own::set);
            own.and(shared);
            if (!own.isEmpty()) {
                blob.trouble = "its cluster " + own.nextSetBit(0) + " is in use twice";
            }
        }
    }

    private List<Blob> readable() {
        return blobs.values().stream().filter(blob -> blob.trouble == null).toList();
    }

    private long owned() {
        return blobs.values().stream().filter(blob -> blob.table != null).mapToLong(blob -> blob.table.used()).sum();
    }

    private List<SpdkVolume> volumes() {
        Map<Long, List<String>> clones = new HashMap<>();
        for (Blob blob : blobs.values()) {
            if (blob.text("name") != null) {
                clones.computeIfAbsent(blob.reference(PARENT), _ -> new ArrayList<>()).add(blob.text("name"));
            }
        }
        Map<Long, ClusterTable> seen = new HashMap<>();
        List<SpdkVolume> volumes = new ArrayList<>();
        for (Blob blob : blobs.values()) {
            resolve(blob, seen);
            UUID uuid = uuid(blob);
            String name = blob.text("name");
            if (blob.trouble != null) {
                problem((name == null ? "a blob" : "volume " + name) + ": " + blob.trouble);
            }
            if (name == null || uuid == null) {
                problem("the blob of page " + (blob.id & MetadataPage.NONE) + " is no volume");
                continue;
            }
            Blob parent = blobs.get(blob.reference(PARENT));
            boolean outside = blob.has(Blob.EXTERNAL_SNAPSHOT);
            volumes.add(new SpdkVolume(blob.id, uuid, name, blob.has(Blob.THIN), blob.isReadOnly(),
                outside ? blob.outsideParent() : parent == null ? null : parent.text("name"), outside,
                List.copyOf(clones.getOrDefault(blob.id, List.of())), blob.table == null ? 0 : blob.table.used(),
                blob.trouble == null ? seen.get(blob.id) : null, blob.trouble));
        }
        return List.copyOf(volumes);
    }

    /** Finds what is seen of a blob and of all that it stands on, the lowest first. */
    private void resolve(Blob blob, Map<Long, ClusterTable> seen) {
        List<Blob> chain = new ArrayList<>();
        Set<Long> met = new HashSet<>();
        Blob at = blob;
        while (at != null && !seen.containsKey(at.id) && at.trouble == null) {
            if (!met.add(at.id)) {
                at.trouble = "it stands on itself";
            } else {
                chain.add(at);
                at = parent(at);
            }
        }
        for (Blob each : chain.reversed()) {
            Blob below = each.trouble == null ? parent(each) : null;
            if (below != null && below.trouble != null) {
                each.trouble = "what it stands on has a problem: " + below.trouble;
            } else if (each.trouble == null) {
                seen.put(each.id, below == null ? each.table : each.table.over(seen.get(below.id)));
            }
        }
    }

    /** Null when it has none, or none that is there: then it has a problem. */
    private Blob parent(Blob blob) {
        if (blob.has(Blob.EXTERNAL_SNAPSHOT)) {
            blob.trouble = "it is a clone of the device " + blob.outsideParent() + ", which is not in the pool";
            return null;
        }
        if (!blob.own.containsKey(PARENT)) {
            return null;
        }
        Blob parent = blobs.get(blob.reference(PARENT));
        if (parent == null) {
            blob.trouble = "the snapshot that it stands on is not there";
        }
        return parent;
    }

    private static UUID uuid(Blob blob) {
        String text = blob.text("uuid");
        try {
            return text == null ? null : UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
