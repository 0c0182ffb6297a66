package dev.karst.env.linux.memory;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;

/**
 * Blocks of mapped memory that nobody has at the moment. There are eight sizes between one power of two and the next,
 * so that at most an eighth of a block lies idle; what is smaller than a unit is cut from one. Not thread-safe.
 */
final class BlockPool {
    private static final long PAGE = 4096;
    private static final int STEPS_PER_DOUBLING = 8;
    /**
     * A free block serves a request if no more than one part in this many of it is too much, unless nothing else
     * helps.
     */
    private static final int TOLERANCE = 4;

    private final TreeMap<Long, ArrayDeque<Block>> free = new TreeMap<>();
    private long capBytes;
    private long mappedBytes;
    private long freeBytes;

    BlockPool(long capBytes) {
        this.capBytes = capBytes;
    }

    /** The size of a block for {@code bytes}. */
    static long sizeFor(long bytes) {
        long step = Math.max(PAGE, Long.highestOneBit(bytes) / STEPS_PER_DOUBLING);
        if (bytes > Mapper.UNIT / 2) {
            step = Math.max(Mapper.UNIT, step);
        }
        return (bytes + step - 1) / step * step;
    }

    /** A block of at least {@code bytes}, or null when there is none to be had. */
    Block take(long bytes) {
        long size = sizeFor(bytes);
        Block block = reuse(size, size + size / TOLERANCE);
        if (block == null) {
            block = map(size);
        }
        return block == null ? reuse(size, Long.MAX_VALUE) : block;
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
        return block;
    }

    private Block map(long size) {
        if (size >= Mapper.UNIT) {
            return mapUnits(size);
        }
        Block unit = freshUnit(size);
        if (unit == null) {
            return null;
        }
        give(unit.behind(size));
        return unit.first(size);
    }

    /** What is left of a unit that was cut before, or a new unit. */
    private Block freshUnit(long size) {
        for (ArrayDeque<Block> blocks : free.tailMap(size).headMap(Mapper.UNIT).values()) {
            if (blocks.peek().fresh()) {
                return reuse(blocks.peek().bytes(), blocks.peek().bytes());
            }
        }
        return mapUnits(Mapper.UNIT);
    }

    private Block mapUnits(long bytes) {
        Block block = bytes > capBytes - mappedBytes ? null : Mapper.map(bytes);
        mappedBytes += block == null ? 0 : bytes;
        return block;
    }

    /** Takes a block back. */
    void give(Block block) {
        if (block.bytes() > 0) {
            free.computeIfAbsent(block.bytes(), size -> new ArrayDeque<>()).push(block);
            freeBytes += block.bytes();
        }
    }

    /** Gives the memory of what nobody has back to the system. */
    void discard() {
        free.values().forEach(blocks -> blocks.forEach(Mapper::discard));
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
