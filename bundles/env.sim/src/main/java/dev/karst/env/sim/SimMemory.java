package dev.karst.env.sim;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Memory;
import dev.karst.env.MemoryBlocks;
import dev.karst.env.Region;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Plain memory that shows mistakes: what was freed is filled with a poison byte and, in checked mode, refused; so are the
 * bytes before and behind each region.
 */
public final class SimMemory implements Memory {
    /** What freed memory reads as. */
    public static final byte POISON = (byte) 0xA5;

    private static final long PAGE = 4096;

    private final SimFaults faults;
    private final Arena arena = Arena.ofShared();
    /** By address, all that is given out. */
    private final NavigableMap<Long, Region> given = new TreeMap<>();
    private final Map<String, Region> named = new TreeMap<>();
    /** Freed addresses by length, to be given out again. */
    private final Map<Long, Deque<Long>> freed = new TreeMap<>();
    private final List<MemoryBlocks> listeners = new ArrayList<>();
    /** Every piece there ever was. */
    private final List<MemoryBlocks.Block> blocks = new ArrayList<>();
    private long givenBytes;

    SimMemory(SimFaults faults) {
        this.faults = faults;
    }

    @Override
    public Region allocate(String owner, long bytes) throws StorageException {
        if (bytes <= 0) {
            throw new IllegalArgumentException("no region: " + bytes + " bytes for " + owner);
        }
        long length = (bytes + PAGE - 1) / PAGE * PAGE;
        if (length > faults.memoryBytes - givenBytes) {
            throw StorageException.errno(Errno.ENOMEM, "no memory for " + owner + ": " + bytes + " bytes asked for");
        }
        long address = take(length);
        Mem.register(address, length);
        Mem.fill(address, length, (byte) 0);
        Region region = new Region(owner, address, length, false, this::takeBack);
        given.put(address, region);
        givenBytes += length;
        return region;
    }

    @Override
    public void free(Region region) {
        if (!given.remove(region.address(), region)) {
            throw new IllegalStateException("freed twice, or never given out: " + region);
        }
        named.remove(region.name(), region);
        if (region.letGo()) {
            takeBack(region);
        }
    }

    private void takeBack(Region region) {
        givenBytes -= region.bytes();
        Mem.fill(region.address(), region.bytes(), POISON);
        Mem.unregister(region.address());
        freed.computeIfAbsent(region.bytes(), _ -> new ArrayDeque<>()).addLast(region.address());
    }

    @Override
    public Region named(String name, long bytes) throws StorageException {
        Region there = named.get(name);
        if (there == null) {
            there = allocate(name, bytes);
            named.put(name, there);
        } else if (there.bytes() != (bytes + PAGE - 1) / PAGE * PAGE) {
            throw StorageException.errno(
                Errno.EEXIST, "region " + name + " has " + there.bytes() + " bytes, not " + bytes + "; free it first");
        }
        return there;
    }

    @Override
    public void watch(MemoryBlocks listener) throws StorageException {
        for (MemoryBlocks.Block block : blocks) {
            listener.added(block);
        }
        listeners.add(listener);
    }

    @Override
    public void unwatch(MemoryBlocks listener) {
        listeners.remove(listener);
    }

    /** Whether the bytes lie in one region that is given out. */
    boolean isGiven(long address, long bytes) {
        Map.Entry<Long, Region> below = given.floorEntry(address);
        return below != null && bytes <= below.getValue().end() - address;
    }

    @Override
    public List<Region> regions() {
        return new ArrayList<>(given.values());
    }

    /** Bytes given out; a test holds it against what it was before. */
    public long givenBytes() {
        return givenBytes;
    }

    void close() {
        given.values().forEach(region -> Mem.unregister(region.address()));
        given.clear();
        arena.close();
    }

    /** The oldest freed piece of that length, once there are some, else a new one between two pages that nobody owns. */
    private long take(long length) throws StorageException {
        Deque<Long> pieces = freed.get(length);
        if (pieces != null && pieces.size() > 1) {
            return pieces.removeFirst();
        }
        long address = arena.allocate(length + 2 * PAGE, PAGE).address() + PAGE;
        MemoryBlocks.Block block = new MemoryBlocks.Block(address, length, false, -1);
        for (MemoryBlocks listener : listeners) {
            listener.added(block);
        }
        blocks.add(block);
        return address;
    }
}
