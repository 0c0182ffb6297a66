package dev.karst.bdev.core;

import dev.karst.base.StorageException;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.core.claim.Claims;
import dev.karst.reactor.Reactor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** An opened device. */
final class CoreDescriptor implements BdevDescriptor, Claims.Holder {
    private final BlockLayer layer;
    private final CoreBdev bdev;
    private volatile boolean writable;
    private final Reactor listener;
    private final BdevEvents events;
    private final AtomicInteger channels = new AtomicInteger();
    private volatile boolean closed;

    CoreDescriptor(BlockLayer layer, CoreBdev bdev, boolean writable, Reactor listener, BdevEvents events) {
        this.layer = layer;
        this.bdev = bdev;
        this.writable = writable;
        this.listener = listener;
        this.events = events;
    }

    @Override
    public CoreBdev bdev() {
        return bdev;
    }

    @Override
    public boolean writable() {
        return writable;
    }

    /** On channels that are opened from now on. */
    @Override
    public void promote() {
        writable = true;
    }

    @Override
    public BdevChannel openChannel(Reactor reactor) throws StorageException {
        assert reactor.isCurrent() : "a channel is opened on its reactor";
        assert !closed : "a channel of a closed descriptor";
        Lane lane = bdev.lane(reactor);
        var channel = new CoreChannel(lane, this, layer.settings().ioDepthPerChannel());
        lane.open(channel);
        channels.incrementAndGet();
        return channel;
    }

    void channelClosed() {
        channels.decrementAndGet();
    }

    @Override
    public void close() {
        int open = channels.get();
        if (open > 0) {
            throw new IllegalStateException(bdev.name() + " is closed while " + open + " of its channels are open");
        }
        if (!closed) {
            closed = true;
            layer.closed(this);
        }
    }

    /** Tells the owner, on its reactor, unless it closes first. */
    void tell(Consumer<BdevEvents> event) {
        listener.execute(() -> {
            if (!closed) {
                event.accept(events);
            }
        });
    }
}
