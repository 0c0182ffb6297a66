package dev.karst.vhost.blk;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.BdevRegistry;
import dev.karst.bdev.IoType;
import dev.karst.env.Environment;
import dev.karst.reactor.Reactor;
import dev.karst.spec.virtio.BlkConfig;
import dev.karst.spec.virtio.BlkFeature;
import dev.karst.spec.virtio.BlkRequest;
import dev.karst.spec.virtio.Feature;
import dev.karst.vhost.device.Coalescing;
import dev.karst.vhost.device.Device;
import dev.karst.vhost.device.DeviceQueue;
import dev.karst.vhost.device.QueueHandler;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** A block device as a virtio-blk device. */
public final class BlkDevice implements Device, BdevEvents {
    /** Most queues; SPDK's figure. */
    public static final int MAX_QUEUES = 256;

    static final int MAX_RANGE_SECTORS = 1 << 22;
    private static final int MAX_SEGMENT_BYTES = 128 << 10;
    private static final int MAX_SEGMENTS = 62;

    private final String name;
    private final Environment environment;
    private final List<Reactor> reactors;
    private final Options options;
    private final Set<BlkQueue> queues = ConcurrentHashMap.newKeySet();
    private final BdevRegistry registry;
    private BdevDescriptor descriptor;
    private Bdev bdev;
    private int blockBytes;
    private byte[] id;
    private volatile long blocks;
    private volatile boolean gone;
    private volatile Listener listener;
    private volatile Coalescing coalescing = Coalescing.NONE;

    /**
     * A device that has no block device yet; {@link #open} follows.
     *
     * @param reactors which its queues belong to, in turn
     */
    public BlkDevice(String name, Environment environment, List<Reactor> reactors, BdevRegistry registry, Options options) {
        this.name = name;
        this.environment = environment;
        this.reactors = List.copyOf(reactors);
        this.registry = registry;
        this.options = options;
    }

    /**
     * How it is served.
     *
     * @param readOnly whether the guest may not write
     * @param packed whether packed rings are offered
     */
    public record Options(boolean readOnly, boolean packed) {}

    /**
     * Opens and claims the block device, which others may serve too: a guest that is migrated has a controller on either side.
     *
     * @throws StorageException ENODEV when there is none, EPERM when somebody has claimed it who does not serve it
     */
    public void open(String bdevName) throws StorageException {
        bdev = registry.find(bdevName).orElseThrow(() -> StorageException.failure(
            Errno.ENODEV, "there is no block device " + bdevName + "; bdev:list shows those there are"));
        descriptor = registry.openWithoutMetadata(bdevName, false, reactors.getFirst(), this);
        if (!isReadOnly()) {
            try {
                registry.claimToServe(descriptor, "vhost-user-blk controller " + name);
            } catch (StorageException e) {
                descriptor.close();
                throw e;
            }
        }
        blockBytes = descriptor.blockSize();
        blocks = bdev.blocks();
        id = Arrays.copyOf(bdev.name().getBytes(StandardCharsets.UTF_8), BlkRequest.ID_BYTES);
    }

    @Override
    public synchronized void close() {
        if (descriptor != null) {
            if (!isReadOnly()) {
                registry.release(descriptor);
            }
            descriptor.close();
            descriptor = null;
        }
    }

    @Override
    public String name() {
        return name;
    }

    /** How it is served. */
    public Options options() {
        return options;
    }

    /** The block device. */
    public Bdev bdev() {
        return bdev;
    }

    /** Whether the guest may not write. */
    public boolean isReadOnly() {
        return options.readOnly() || bdev().readOnly();
    }

    @Override
    public long features() {
        return BlkFeature.SIZE_MAX | BlkFeature.SEG_MAX | BlkFeature.BLK_SIZE | BlkFeature.TOPOLOGY | BlkFeature.MQ | BlkFeature.FLUSH
            | (isReadOnly() ? BlkFeature.RO : 0) | (supports(IoType.UNMAP) ? BlkFeature.DISCARD : 0)
            | (supports(IoType.WRITE_ZEROES) ? BlkFeature.WRITE_ZEROES : 0) | (options.packed() ? Feature.RING_PACKED : 0);
    }

    boolean supports(IoType type) {
        return bdev().supports(type) && !isReadOnly();
    }

    /** Bytes of a block, a power of two. */
    int blockBytes() {
        return blockBytes;
    }

    long blocks() {
        return gone ? 0 : blocks;
    }

    /** What it says to be, padded with NULs. */
    byte[] id() {
        return id;
    }

    @Override
    public int maxQueues() {
        return MAX_QUEUES;
    }

    @Override
    public int configBytes() {
        return BlkConfig.BYTES;
    }

    @Override
    public void writeConfig(long at) {
        int block = blockBytes();
        int sectors = block / BlkRequest.SECTOR_BYTES;
        int physical = Math.max(bdev().physicalBlockSize() / block, 1);
        Mem.fill(at, BlkConfig.BYTES, (byte) 0);
        BlkConfig.CAPACITY.set(at, blocks() * sectors);
        BlkConfig.SIZE_MAX.set(at, MAX_SEGMENT_BYTES);
        BlkConfig.SEG_MAX.set(at, MAX_SEGMENTS);
        BlkConfig.BLK_SIZE.set(at, block);
        BlkConfig.PHYSICAL_BLOCK_EXP.set(at, Integer.numberOfTrailingZeros(physical));
        BlkConfig.MIN_IO_SIZE.set(at, physical);
        BlkConfig.NUM_QUEUES.set(at, MAX_QUEUES);
        BlkConfig.MAX_DISCARD_SECTORS.set(at, MAX_RANGE_SECTORS);
        BlkConfig.MAX_DISCARD_SEG.set(at, 1);
        BlkConfig.DISCARD_SECTOR_ALIGNMENT.set(at, sectors);
        BlkConfig.MAX_WRITE_ZEROES_SECTORS.set(at, MAX_RANGE_SECTORS);
        BlkConfig.MAX_WRITE_ZEROES_SEG.set(at, 1);
        BlkConfig.WRITE_ZEROES_MAY_UNMAP.set(at, bdev().unmapReadsZeroes() ? 1 : 0);
    }

    @Override
    public QueueHandler open(int index, DeviceQueue queue) throws StorageException {
        var opened = new BlkQueue(this, queue);
        // Who takes the block device away waits for the queue from here on, or is seen to have done so.
        queues.add(opened);
        try {
            if (!gone) {
                opened.begin(descriptor.openChannel(queue.reactor()));
            }
            return opened;
        } catch (StorageException | RuntimeException e) {
            queues.remove(opened);
            throw e;
        }
    }

    /** A queue gave its channel back. */
    void closed(BlkQueue queue) {
        queues.remove(queue);
    }

    @Override
    public void listen(Listener who) {
        listener = who;
    }

    @Override
    public Coalescing coalescing() {
        return coalescing;
    }

    @Override
    public void coalescing(Coalescing next) {
        coalescing = next;
    }

    @Override
    public List<Reactor> reactors() {
        return reactors;
    }

    @Override
    public void resized(long newBlocks) {
        blocks = newBlocks;
        changed();
    }

    private void changed() {
        environment.threads().background().execute(() -> {
            Listener told = listener;
            if (told != null) {
                told.configChanged();
            }
        });
    }

    @Override
    public void removed() {
        gone = true;
        changed();
        List<CompletableFuture<Void>> detached = new ArrayList<>();
        for (BlkQueue queue : queues) {
            var done = new CompletableFuture<Void>();
            detached.add(done);
            queue.reactor().execute(() -> queue.detach(() -> done.complete(null)));
        }
        CompletableFuture.allOf(detached.toArray(CompletableFuture[]::new))
            .thenRunAsync(this::close, environment.threads().background());
    }
}
