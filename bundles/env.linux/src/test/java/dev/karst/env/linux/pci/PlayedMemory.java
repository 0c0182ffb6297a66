package dev.karst.env.linux.pci;

import dev.karst.base.StorageException;
import dev.karst.env.Memory;
import dev.karst.env.MemoryBlocks;
import dev.karst.env.MemoryBlocks.Block;
import dev.karst.env.Region;
import java.util.ArrayList;
import java.util.List;

/** Memory that only tells of blocks. */
final class PlayedMemory implements Memory {
    final List<Block> blocks = new ArrayList<>();
    private final List<MemoryBlocks> listeners = new ArrayList<>();

    @Override
    public void watch(MemoryBlocks listener) throws StorageException {
        for (Block block : blocks) {
            listener.added(block);
        }
        listeners.add(listener);
    }

    @Override
    public void unwatch(MemoryBlocks listener) {
        listeners.remove(listener);
    }

    boolean isWatched() {
        return !listeners.isEmpty();
    }

    void tellLast() throws StorageException {
        for (MemoryBlocks listener : listeners) {
            listener.added(blocks.getLast());
        }
    }

    @Override
    public Region allocate(String owner, long bytes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void free(Region region) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Region named(String name, long bytes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Region> regions() {
        return List.of();
    }
}
