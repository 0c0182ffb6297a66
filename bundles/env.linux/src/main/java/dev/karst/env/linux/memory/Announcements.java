package dev.karst.env.linux.memory;

import dev.karst.base.StorageException;
import dev.karst.env.MemoryBlocks;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who is told of blocks, and of which each was. Not thread-safe. */
final class Announcements {
    private final List<MemoryBlocks.Block> blocks = new ArrayList<>();
    private final Map<MemoryBlocks, Set<MemoryBlocks.Block>> told = new IdentityHashMap<>();

    /** Tells of all blocks, and of each that comes. */
    void watch(MemoryBlocks listener) throws StorageException {
        Set<MemoryBlocks.Block> its = new HashSet<>();
        for (MemoryBlocks.Block block : blocks) {
            tell(listener, its, block);
        }
        told.put(listener, its);
    }

    /** Tells no more. */
    void unwatch(MemoryBlocks listener) {
        told.remove(listener);
    }

    /** There is this block: tell those of it who were not told yet. */
    void announce(MemoryBlocks.Block block) throws StorageException {
        if (!blocks.contains(block)) {
            blocks.add(block);
        }
        for (Map.Entry<MemoryBlocks, Set<MemoryBlocks.Block>> entry : told.entrySet()) {
            tell(entry.getKey(), entry.getValue(), block);
        }
    }

    private static void tell(MemoryBlocks listener, Set<MemoryBlocks.Block> its, MemoryBlocks.Block block)
        throws StorageException {
        if (!its.contains(block)) {
            listener.added(block);
            its.add(block);
        }
    }

    /** All blocks. */
    List<MemoryBlocks.Block> blocks() {
        return blocks;
    }
}
