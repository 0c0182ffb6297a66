package dev.karst.env.linux.memory;

import dev.karst.base.StorageException;
import dev.karst.env.MemoryBlocks;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Blocks of mapped memory that nobody has at the moment. There are eight sizes between one power of two and the next,
 * so that at most an eighth of a block lies idle; what is smaller than a unit is cut from one. Memory with a descriptor is mapped
 * in larger units, since who it is shared with knows only so many of them. Not thread-safe.
 */
final class BlockPool {
    private static final long PAGE = 4096;
    private static final int STEPS_PER_DOUBLING = 8;
    /**
     * A free block serves a request if no more than one part in this many of it is too much, unless nothing else
     * helps.
     */
    private static final int TOLERANCE = 4;
    /** What is mapped at once at least where it has a descriptor. */
    private static final long SHARED_UNIT = 64L << 20;

    private final Mapper mapper;
    private final long unit;
    private final Announcements announcements = new Announcements();
    /** Mapped, but not everybody could be told of it. */
    private final List<MemoryBlocks.Block> unannounced = new ArrayList<>();
    private final TreeMap<Long, ArrayDeque<Block>> free = new TreeMap<>();
    private long capBytes;
    private long mappedBytes;
    private long freeBytes;

    BlockPool(long capBytes, boolean shared) {
        this.capBytes = capBytes;
        mapper = new Mapper(shared);
        unit = shared ? SHARED_UNIT : Mapper.UNIT;
    }

    /** The size of a block for {@code bytes}. */
    static long sizeFor(long bytes) {
        long step = Math.max(PAGE, Long.highestOneBit(bytes) / STEPS_PER_DOUBLING);
        if (bytes > Mapper.UNIT / 2) {
            step = Math.max(Mapper.UNIT, step);
        }
        return (bytes + step - 1) / step * step;
    }

    /** Tells of all that is mapped, and of what will be. */
    void watch(MemoryBlocks listener) throws StorageException {
        announcements.watch(listener);
    }

    /** Tells no more. */
    void unwatch(MemoryBlocks listener) {
        announcements.unwatch(listener);
    }

    /** A block of at least {@code bytes}, or null when there is none to be had; throws what somebody threw who was told of it. */
    Block take(long bytes) throws StorageException {
        long size = sizeFor(bytes);
        Block block = reuse(size, size + size / TOLERANCE);
        if (block == null) {
            block = map(size);
        }
        return block == null ? reuse(size, Long.MAX_VALUE) : block;
    }

    /** What of a block that nobody has had yet lies behind {@code size} bytes stays there to be cut. */
    private Block cut(Block block, long size) {
        if (!block.fresh()) {
            return block;
        }
        give(block.behind(size));
        return block.first(size);
    }

    private Block reuse(long size, long limit) {
        Map.Entry<Long, ArrayDeque<Block>> entry = free.ceilingEntry(size);
        if (entry == null || entry.getKey() > limit) {
            return null;
        }
        Block block = entry.getValue().pop();
        if (entry.getValue().isEmpty()) {
            free.remove(entry.getKey());
        }
        freeBytes -= block.bytes();
        return cut(block, size);
    }

    private Block map(long size) throws StorageException {
        Block whole = size >= unit ? mapUnits(size) : freshUnit(size);
        return whole == null ? null : cut(whole, size);
    }

    /** What is left of a unit that was cut before, or a new unit. */
    private Block freshUnit(long size) throws StorageException {
        for (ArrayDeque<Block> blocks : free.tailMap(size).headMap(unit).values()) {
            if (blocks.peek().fresh()) {
                return reuse(blocks.peek().bytes(), blocks.peek().bytes());
            }
        }
        return mapUnits(Math.max(size, Math.min(unit, capBytes - mappedBytes & -Mapper.UNIT)));
    }

    private Block mapUnits(long wanted) throws StorageException {
        long bytes = (wanted + Mapper.UNIT - 1) / Mapper.UNIT * Mapper.UNIT;
        MemoryBlocks.Block mapped =
            unannounced.stream().filter(block -> block.bytes() == bytes).findFirst().orElseGet(() -> mapOne(bytes));
        if (mapped == null) {
            return null;
        }
        announcements.announce(mapped);
        unannounced.remove(mapped);
        return new Block(mapped.address(), bytes, mapped.huge(), true);
    }

    private MemoryBlocks.Block mapOne(long bytes) {
        MemoryBlocks.Block mapped = bytes > capBytes - mappedBytes ? null : mapper.map(bytes);
        if (mapped != null) {
            mappedBytes += bytes;
            unannounced.add(mapped);
        }
        return mapped;
    }

    /** Takes a block back. */
    void give(Block block) {
        if (block.bytes() > 0) {
            free.computeIfAbsent(block.bytes(), size -> new ArrayDeque<>()).push(block);
            freeBytes += block.bytes();
        }
    }

    /** Gives the memory of what nobody has back to the system, and closes descriptors. */
    void discard() {
        free.values().forEach(blocks -> blocks.forEach(mapper::discard));
        announcements.blocks().forEach(Mapper::release);
    }

    void setCap(long bytes) {
        capBytes = bytes;
    }

    long capBytes() {
        return capBytes;
    }

    /** All that was ever mapped. */
    long mappedBytes() {
        return mappedBytes;
    }

    /** The part of it that nobody has. */
    long freeBytes() {
        return freeBytes;
    }
}
