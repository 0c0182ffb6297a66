package dev.karst.env.sim;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.DmaMap;
import dev.karst.env.MemoryBlocks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The way of one simulated device to the memory of its machine. Where it finds a page differs from the page's address and, when
 * the seed says so, neighbouring pages of small regions are no neighbours to it; large regions lie in one piece, as in huge
 * pages. Each access to what is not mapped, or is not given out at the moment, fails and is noted: a driver took memory back,
 * or never told of it, while the device could still use it.
 */
public final class SimDma {
    private static final int PAGE = 4096;
    private static final int MOST_SCATTERED_PAGES = 32;
    private static final int MOST_FAULTS = 100;

    /** A block, and for each page of it where the device finds it. */
    private record Mapped(long address, long[] pages) {}

    private final SimMemory owner;
    private final SimRandom random;
    private final boolean scattered;
    private final List<String> faults = new ArrayList<>();
    /** By address. */
    private Mapped[] blocks = {};
    /** Address of each page, by where the device finds it. */
    private final Map<Long, Long> addresses = new HashMap<>();
    private long nextPage;

    private final MemoryBlocks listener = block -> add(block.address(), (int) (block.bytes() / PAGE));

    private final DmaMap map = new DmaMap() {
        @Override
        public long iova(long address) {
            Mapped block = block(address);
            if (block == null) {
                return NONE;
            }
            long offset = address - block.address;
            return block.pages[(int) (offset / PAGE)] * PAGE + offset % PAGE;
        }

        @Override
        public long contiguous(long address, long most) {
            Mapped block = block(address);
            if (block == null) {
                return 0;
            }
            long offset = address - block.address;
            int page = (int) (offset / PAGE);
            long bytes = PAGE - offset % PAGE;
            while (bytes < most && page + 1 < block.pages.length && block.pages[page + 1] == block.pages[page] + 1) {
                bytes += PAGE;
                page++;
            }
            return Math.min(bytes, most);
        }
    };

    SimDma(SimMemory owner, SimRandom random) {
        this.owner = owner;
        this.random = random;
        this.scattered = random.oneIn(2);
        this.nextPage = random.between(1, 1 << 20);
        try {
            owner.watch(listener);
        } catch (StorageException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As the driver sees it. */
    DmaMap map() {
        return map;
    }

    /** What the device did that it must not do, one line each. */
    public List<String> faults() {
        return faults;
    }

    /** Whether all of the range lies in memory that is given out. */
    public boolean isReachable(long iova, long bytes) {
        for (long done = 0; done < bytes;) {
            long part = Math.min(bytes - done, PAGE - (iova + done) % PAGE);
            if (address(iova + done, part) == 0) {
                return false;
            }
            done += part;
        }
        return true;
    }

    /** Reads memory; false, and the access is noted, when it is out of reach. */
    public boolean read(long iova, byte[] target, int from, int bytes) {
        if (!allowed("read", iova, bytes)) {
            return false;
        }
        for (int done = 0; done < bytes;) {
            int part = (int) Math.min(bytes - done, PAGE - (iova + done) % PAGE);
            Mem.get(address(iova + done, part), target, from + done, part);
            done += part;
        }
        return true;
    }

    /** Writes memory; false, and the access is noted, when it is out of reach. */
    public boolean write(long iova, byte[] source, int from, int bytes) {
        if (!allowed("wrote", iova, bytes)) {
            return false;
        }
        for (int done = 0; done < bytes;) {
            int part = (int) Math.min(bytes - done, PAGE - (iova + done) % PAGE);
            Mem.put(address(iova + done, part), source, from + done, part);
            done += part;
        }
        return true;
    }

    private boolean allowed(String what, long iova, long bytes) {
        boolean allowed = isReachable(iova, bytes);
        if (!allowed && faults.size() < MOST_FAULTS) {
            boolean known = addresses.containsKey(iova / PAGE);
            faults.add(String.format(
                "the device %s %d bytes at 0x%x, which are %s", what, bytes, iova, known ? "not given out" : "not mapped"));
        }
        return allowed;
    }

    /** Address of bytes within one page; 0 when they are out of reach. */
    private long address(long iova, long bytes) {
        Long page = addresses.get(iova / PAGE);
        if (page == null) {
            return 0;
        }
        long address = page + iova % PAGE;
        return owner.isGiven(address, bytes) ? address : 0;
    }

    /** Tells of nothing any more; the device must touch nothing. */
    void forget() {
        addresses.clear();
    }

    /** Tells of everything again. */
    void remember() {
        for (Mapped block : blocks) {
            for (int i = 0; i < block.pages.length; i++) {
                addresses.put(block.pages[i], block.address + (long) i * PAGE);
            }
        }
    }

    private void add(long address, int pages) {
        long[] found = new long[pages];
        boolean inPieces = scattered && pages <= MOST_SCATTERED_PAGES;
        for (int i = 0; i < pages; i++) {
            nextPage += i == 0 || inPieces && random.oneIn(2) ? random.between(2, 9) : 1;
            found[i] = nextPage;
        }
        Mapped block = new Mapped(address, found);
        for (int i = 0; i < pages; i++) {
            addresses.put(found[i], address + (long) i * PAGE);
        }
        int at = -1 - position(address);
        Mapped[] more = Arrays.copyOf(blocks, blocks.length + 1);
        System.arraycopy(blocks, at, more, at + 1, blocks.length - at);
        more[at] = block;
        blocks = more;
    }

    private Mapped block(long address) {
        int position = position(address);
        int at = position >= 0 ? position : -2 - position;
        return at >= 0 && address - blocks[at].address < (long) blocks[at].pages.length * PAGE ? blocks[at] : null;
    }

    /** Where the block of that address is, as {@link Arrays#binarySearch} says it. */
    private int position(long address) {
        int low = 0;
        int high = blocks.length - 1;
        while (low <= high) {
            int middle = low + high >>> 1;
            int order = Long.compare(blocks[middle].address, address);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1 - low;
    }
}
