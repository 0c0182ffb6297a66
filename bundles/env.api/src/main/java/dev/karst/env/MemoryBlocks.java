package dev.karst.env;

import dev.karst.base.StorageException;

/** Who is told of the memory that regions come from. Blocks are never unmapped while the process lives. */
public interface MemoryBlocks {
    /**
     * There is this block, from which regions are cut from now on. Called for each that is there, and on the allocating thread for each
     * that comes, before any region of it is given out.
     *
     * @throws StorageException what stands in the way: the region that needs the block is refused with it
     */
    void added(Block block) throws StorageException;

    /**
     * A block of memory.
     *
     * @param address of the first byte, a multiple of 4096; of 2 MiB when huge
     * @param bytes a multiple of 4096; of 2 MiB when huge
     * @param huge whether it lies in huge pages of 2 MiB
     * @param descriptor of the memfd that it maps from its offset 0 on, for another process to map too; -1 for memory of this process alone
     */
    record Block(long address, long bytes, boolean huge, int descriptor) {}
}
