package dev.karst.nvmf.core.model;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.Metadata;
import dev.karst.bdev.ProtectionLayout;
import dev.karst.bdev.QueuedChannel;
import dev.karst.nvmf.core.reservation.Access;

/**
 * A namespace as the queues of one reactor reach it. Commands for which there is no room wait here, in order of
 * arrival.
 */
@ReactorConfined
public final class NamespaceChannel {
    public final Namespace namespace;
    /** Bytes of a block as the host sees it, with its metadata. */
    public final int blockBytes;
    /** Type of the protection information in that metadata; 0 for none, or none that the host sees. */
    public final int protection;
    /** How that lies there. */
    public final ProtectionLayout layout;
    public final boolean readOnly;
    public final boolean volatileCache;
    public final boolean unmaps;
    public final boolean unmapReadsZeroes;
    /** Most blocks of a Write Zeroes, and of a range of a Dataset Management. */
    public final long maxZeroesBlocks;
    public final long maxDiscardBlocks;
    /** Most blocks of a fused Compare and Write; NACWU + 1. */
    public final long maxCompareAndWriteBlocks;
    public long blocks;
    /** What a reservation lets whom do; null while there is none. */
    public Access access;

    private final QueuedChannel channel;
    /** Bytes of a block whose protection information is made or taken off on the way. */
    private final int bareBytes;
    private int inside;
    private boolean closed;
    private Runnable whenClosed;
    private Runnable whenIdle;

    public NamespaceChannel(Namespace namespace, BdevChannel channel) {
        Bdev bdev = channel.bdev();
        this.namespace = namespace;
        this.channel = new QueuedChannel(channel);
        blockBytes = namespace.blockBytes();
        Metadata metadata = namespace.metadata();
        protection = metadata.protection();
        layout = metadata.layout();
        bareBytes = metadata.isProtectionAlone() ? bdev.dataBlockSize() : blockBytes;
        readOnly = bdev.readOnly();
        volatileCache = bdev.hasVolatileCache();
        unmaps = bdev.supports(IoType.UNMAP);
        unmapReadsZeroes = unmaps && bdev.unmapReadsZeroes();
        SizeLimits limits = namespace.subsystem().spec.limits();
        maxZeroesBlocks = limits.maxZeroesBlocks(bdev.dataBlockSize());
        maxDiscardBlocks = limits.maxDiscardBlocks();
        maxCompareAndWriteBlocks = SizeLimits.maxCompareAndWriteBlocks(bdev.dataBlockSize());
        blocks = bdev.blocks();
        access = namespace.reservations().access();
    }

    /** Bytes of a block as they travel with this command. */
    public int blockBytes(Command command) {
        return command.protectionAction ? bareBytes : blockBytes;
    }

    /** Begins the I/O of a command; {@link #leave} ends it. */
    public void enter(Command command) {
        command.namespace = this;
        inside++;
    }

    /** The command does no more I/O here. */
    public void leave(Command command) {
        command.namespace = null;
        if (command.fence != null) {
            passFence(command);
        }
        left();
    }

    private void left() {
        if (--inside > 0) {
            return;
        }
        if (whenIdle != null) {
            whenIdle.run();
            whenIdle = null;
        }
        if (closed) {
            shut();
        }
    }

    private static void passFence(Command command) {
        ReservationFence fence = command.fence;
        command.fence = null;
        fence.pass();
    }

    /** Runs this once no command does I/O here, at once if none does. */
    void whenIdle(Runnable idle) {
        if (inside == 0) {
            idle.run();
        } else {
            whenIdle = idle;
        }
    }

    /** Submits I/O that belongs to no command; {@link #ownEnded} follows if it was taken. */
    int submitOwn(BdevIo io) {
        if (closed) {
            return Status.REMOVED;
        }
        inside++;
        int status = channel.offer(io);
        if (status != Status.OK) {
            left();
        }
        return status;
    }

    void ownEnded() {
        left();
    }

    /** Submits what the command is set to, now or when there is room. */
    public void submit(Command command) {
        channel.submit(command);
    }

    /** Ends a command soon: at once if it waits, and then true; else the device is asked to. */
    public boolean abort(Command command) {
        return channel.abort(command);
    }

    /** Takes no more; those that wait end now, those in flight when they do, and then {@code whenClosed} runs. */
    public void close(Runnable whenClosed) {
        assert !closed : "closed twice";
        this.whenClosed = whenClosed;
        inside++;
        closed = true;
        channel.endWaiting(Status.REMOVED);
        left();
    }

    /** Commands that wait for room. */
    public int waiting() {
        return channel.waiting();
    }

    private void shut() {
        channel.close();
        whenClosed.run();
    }
}
