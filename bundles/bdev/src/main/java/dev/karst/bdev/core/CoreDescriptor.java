package dev.karst.bdev.core;

import dev.karst.base.StorageException;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.MediaEvent;
import dev.karst.bdev.core.claim.Claims;
import dev.karst.reactor.Reactor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** An opened device. */
final class CoreDescriptor implements BdevDescriptor, Claims.Holder {
    static final int MOST_MEDIA_EVENTS = 64;
    private static final long MOST_TIMEOUT_MS = 86_400_000;

    private final BlockLayer layer;
    private final CoreBdev bdev;
    private volatile boolean writable;
    private final boolean hides;
    private final Reactor listener;
    private final BdevEvents events;
    private final AtomicInteger channels = new AtomicInteger();
    /** Guarded by itself: what the owner has not been told yet. */
    private final List<MediaEvent> media = new ArrayList<>();
    private volatile long timeoutMs;
    private volatile boolean closed;

    CoreDescriptor(
        BlockLayer layer, CoreBdev bdev, boolean writable, boolean hides, Reactor listener, BdevEvents events) {
        this.layer = layer;
        this.bdev = bdev;
        this.writable = writable;
        this.hides = hides && bdev.metadata().bytes() > 0;
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
    public boolean hidesMetadata() {
        return hides;
    }

    @Override
    public BdevChannel openChannel(Reactor reactor) throws StorageException {
        assert reactor.isCurrent() : "a channel is opened on its reactor";
        assert !closed : "a channel of a closed descriptor";
        Lane lane = bdev.lane(reactor);
        var channel = new CoreChannel(lane, this, layer.settings().ioDepthPerChannel());
        lane.open(channel);
        channels.incrementAndGet();
        if (lane.turn.opening != null) {
            lane.turn.opening.standsOn(channel);
        }
        return channel;
    }

    @Override
    public void watch(long timeoutMs) {
        if (timeoutMs < 0 || timeoutMs > MOST_TIMEOUT_MS) {
            throw new IllegalArgumentException("a time-out of " + timeoutMs + " ms, not from 0 to " + MOST_TIMEOUT_MS);
        }
        this.timeoutMs = timeoutMs;
        bdev.onLanes(lane -> lane.gate.watch(this));
    }

    /** What watches a new channel, or one whose owner changed its mind; null for nothing. */
    Watch newWatch(CoreChannel channel) {
        BlockLayer.Settings settings = layer.settings();
        if (timeoutMs > 0) {
            return new Watch(channel, events, timeoutMs);
        }
        return settings.ioTimeoutMs() == 0 ? null
            : new Watch(channel, new Watch.Unwatched(settings.ioTimeoutAction()), settings.ioTimeoutMs());
    }

    /** Tells the owner soon, together with what comes until then. */
    void tell(List<MediaEvent> more) {
        boolean first;
        synchronized (media) {
            first = media.isEmpty();
            media.addAll(more);
            if (media.size() > MOST_MEDIA_EVENTS) {
                media.clear();
                media.add(new MediaEvent(0, bdev.blocks()));
            }
        }
        if (first) {
            tell(owner -> owner.mediaEvents(takeMedia()));
        }
    }

    private List<MediaEvent> takeMedia() {
        synchronized (media) {
            List<MediaEvent> all = List.copyOf(media);
            media.clear();
            return all;
        }
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
