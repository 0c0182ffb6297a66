package dev.karst.vhost.blk;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.IoType;
import dev.karst.bdev.QueuedChannel;
import dev.karst.reactor.Reactor;
import dev.karst.spec.virtio.BlkRange;
import dev.karst.spec.virtio.BlkRequest;
import dev.karst.vhost.device.DeviceQueue;
import dev.karst.vhost.device.QueueHandler;
import dev.karst.vhost.ring.Chain;

/** The requests of one queue: each becomes one I/O, whose data are the guest's own pages. */
@ReactorConfined
final class BlkQueue extends QueueHandler {
    private static final int SECTOR_SHIFT = 9;

    private final BlkDevice device;
    private final DeviceQueue queue;
    /** Null when the block device is gone. */
    private QueuedChannel channel;
    private int inside;
    private Runnable whenDetached;
    private final BlkIo[] ios;
    private final int sectorsPerBlockShift;

    /** One whose requests fail until {@link #begin}. */
    BlkQueue(BlkDevice device, DeviceQueue queue) {
        this.device = device;
        this.queue = queue;
        sectorsPerBlockShift = Integer.numberOfTrailingZeros(device.blockBytes()) - SECTOR_SHIFT;
        ios = new BlkIo[queue.size()];
        for (int i = 0; i < ios.length; i++) {
            ios[i] = new BlkIo(this);
        }
    }

    /** Does requests from now on; takes the channel over. */
    void begin(BdevChannel opened) {
        channel = new QueuedChannel(opened);
    }

    @Override
    public void handle(Chain chain) {
        long status = chain.lastWritable();
        if (status == 0) {
            queue.breakDown(chain, "a request without room for its status");
            return;
        }
        if (channel == null || whenDetached != null || chain.isFaulty() || chain.readable.bytes() < BlkRequest.BYTES) {
            answer(chain, BlkRequest.S_IOERR, 0);
            return;
        }
        long header = chain.readable.length(0) >= BlkRequest.BYTES ? chain.readable.address(0) : gathered(chain);
        long sector = BlkRequest.SECTOR.get(header);
        switch ((int) BlkRequest.TYPE.get(header)) {
            case BlkRequest.T_IN -> read(chain, sector);
            case BlkRequest.T_OUT -> write(chain, sector);
            case BlkRequest.T_FLUSH -> flush(chain);
            case BlkRequest.T_GET_ID -> identify(chain);
            case BlkRequest.T_DISCARD -> range(chain, IoType.UNMAP);
            case BlkRequest.T_WRITE_ZEROES -> range(chain, IoType.WRITE_ZEROES);
            default -> answer(chain, BlkRequest.S_UNSUPP, 0);
        }
    }

    /** Where the first bytes of a request are, which lie in several pieces. */
    private long gathered(Chain chain) {
        chain.readable.copyTo(0, queue.scratch(), BlkRequest.BYTES);
        return queue.scratch();
    }

    private void read(Chain chain, long sector) {
        BlkIo io = ios[chain.id];
        long bytes = chain.writable.bytes() - 1;
        if (!isRange(sector, bytes) || !io.data.slice(chain.writable, 0, bytes)) {
            answer(chain, BlkRequest.S_IOERR, 0);
            return;
        }
        submit(io, chain, IoType.READ, sector, bytes);
    }

    private void write(Chain chain, long sector) {
        BlkIo io = ios[chain.id];
        long bytes = chain.readable.bytes() - BlkRequest.BYTES;
        if (device.isReadOnly() || !isRange(sector, bytes) || !io.data.slice(chain.readable, BlkRequest.BYTES, bytes)) {
            answer(chain, BlkRequest.S_IOERR, 0);
            return;
        }
        submit(io, chain, IoType.WRITE, sector, bytes);
    }

    /** Whether the bytes are whole blocks of the device; compared so that nothing can wrap around. */
    private boolean isRange(long sector, long bytes) {
        long sectors = bytes >> SECTOR_SHIFT;
        long capacity = device.blocks() << sectorsPerBlockShift;
        long unit = (1L << sectorsPerBlockShift) - 1;
        return bytes > 0 && (bytes & BlkRequest.SECTOR_BYTES - 1) == 0 && ((sector | sectors) & unit) == 0
            && sector >= 0 && sector <= capacity && sectors <= capacity - sector;
    }

    private void submit(BlkIo io, Chain chain, IoType type, long sector, long bytes) {
        io.begin(chain, type == IoType.READ ? bytes : 0);
        io.type = type;
        io.offsetBlocks = sector >> sectorsPerBlockShift;
        io.blocks = bytes >> SECTOR_SHIFT + sectorsPerBlockShift;
        inside++;
        channel.submit(io);
    }

    private void flush(Chain chain) {
        BlkIo io = ios[chain.id];
        io.begin(chain, 0);
        io.type = IoType.FLUSH;
        io.offsetBlocks = 0;
        io.blocks = device.blocks();
        io.data.clear();
        inside++;
        channel.submit(io);
    }

    private void identify(Chain chain) {
        if (chain.writable.bytes() <= BlkRequest.ID_BYTES) {
            answer(chain, BlkRequest.S_IOERR, 0);
            return;
        }
        Mem.put(queue.scratch(), device.id(), 0, BlkRequest.ID_BYTES);
        chain.writable.copyFrom(0, queue.scratch(), BlkRequest.ID_BYTES);
        answer(chain, BlkRequest.S_OK, BlkRequest.ID_BYTES);
    }

    /** DISCARD and WRITE_ZEROES, of one range. */
    private void range(Chain chain, IoType type) {
        if (!device.supports(type)) {
            answer(chain, BlkRequest.S_UNSUPP, 0);
            return;
        }
        if (chain.readable.bytes() != BlkRequest.BYTES + BlkRange.BYTES) {
            answer(chain, BlkRequest.S_IOERR, 0);
            return;
        }
        long range = queue.scratch();
        chain.readable.copyTo(BlkRequest.BYTES, range, BlkRange.BYTES);
        long sector = BlkRange.SECTOR.get(range);
        long sectors = BlkRange.NUM_SECTORS.get(range);
        if (BlkRange.RSVD.get(range) != 0 || type == IoType.UNMAP && BlkRange.UNMAP.get(range) != 0) {
            answer(chain, BlkRequest.S_UNSUPP, 0);
        } else if (sectors > BlkDevice.MAX_RANGE_SECTORS || !isRange(sector, sectors << SECTOR_SHIFT)) {
            answer(chain, BlkRequest.S_IOERR, 0);
        } else {
            ios[chain.id].data.clear();
            submit(ios[chain.id], chain, type, sector, sectors << SECTOR_SHIFT);
        }
    }

    /** Ends a request. */
    private void answer(Chain chain, int status, int written) {
        try {
            Mem.setByte(chain.lastWritable(), (byte) status);
        } catch (InternalError e) {
            queue.lost(chain, e);
            return;
        }
        queue.complete(chain, written + 1);
    }

    /** The I/O of a request ended. */
    void ended(Chain chain, int status, long bytesRead) {
        inside--;
        boolean well = status == Status.OK;
        int says = well ? BlkRequest.S_OK : status == Status.NOT_SUPPORTED ? BlkRequest.S_UNSUPP : BlkRequest.S_IOERR;
        answer(chain, says, well ? (int) bytesRead : 0);
        detachIfIdle();
    }

    /** The block device goes: requests fail from now on, and {@code done} runs when nothing uses it any more. */
    void detach(Runnable done) {
        if (channel == null) {
            done.run();
            return;
        }
        whenDetached = done;
        channel.endWaiting(Status.REMOVED);
        detachIfIdle();
    }

    private void detachIfIdle() {
        if (whenDetached != null && inside == 0 && channel != null) {
            channel.close();
            channel = null;
            whenDetached.run();
        }
    }

    /** Where it is handled. */
    Reactor reactor() {
        return queue.reactor();
    }

    @Override
    public void close() {
        if (channel != null) {
            channel.close();
            channel = null;
            if (whenDetached != null) {
                whenDetached.run();
            }
        }
        device.closed(this);
    }
}
