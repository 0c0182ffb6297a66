package dev.karst.nvme.vfiouser;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.DmaMap;
import dev.karst.env.MemoryBlocks;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;

/** The memory that the device was shown, each block at the address that it has here. */
final class SharedBlocks extends DmaMap implements MemoryBlocks {
    private final Client client;
    private final Connection connection;
    private volatile List<Block> blocks = List.of();
    /** Of each block by address its first byte and the one behind its last; replaced as a whole. */
    private volatile long[] ranges = {};

    SharedBlocks(Client client, Connection connection) {
        this.client = client;
        this.connection = connection;
    }

    /** Shows the device a block; nothing happens once it is gone. */
    @Override
    public void added(Block block) throws StorageException {
        if (block.descriptor() < 0) {
            throw StorageException.errno(
                Errno.EOPNOTSUPP,
                "memory cannot be shared with the server: set memory.shared = true in etc/dev.karst.env.cfg and start again");
        }
        if (connection.isEnded()) {
            return;
        }
        client.map(block);
        add(block);
    }

    private synchronized void add(Block block) {
        List<Block> more = new ArrayList<>(blocks);
        more.add(block);
        more.sort(Comparator.comparingLong(Block::address));
        ranges = more.stream().flatMapToLong(each -> LongStream.of(each.address(), each.address() + each.bytes())).toArray();
        blocks = List.copyOf(more);
    }

    /** Takes all memory out of the device's sight. */
    void unmapAll() throws StorageException {
        for (Block block : blocks) {
            client.unmap(block);
        }
    }

    @Override
    public long iova(long address) {
        return end(address) == 0 ? NONE : address;
    }

    /** A block at most: a server may find the next one elsewhere. */
    @Override
    public long contiguous(long address, long most) {
        long end = end(address);
        return end == 0 ? 0 : Math.min(most, end - address);
    }

    /** Where the block ends that holds the address; 0 for none. */
    private long end(long address) {
        long[] sorted = ranges;
        int low = 0;
        int high = sorted.length / 2;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted[2 * middle + 1] <= address) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return 2 * low < sorted.length && sorted[2 * low] <= address ? sorted[2 * low + 1] : 0;
    }
}
