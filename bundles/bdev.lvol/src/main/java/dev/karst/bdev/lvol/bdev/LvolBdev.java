package dev.karst.bdev.lvol.bdev;

import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.IoType;
import dev.karst.bdev.QueuedChannel;
import dev.karst.bdev.lvol.base.Outside;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.reactor.Reactor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A volume as a block device. */
final class LvolBdev extends ModuleBdev {
    /**
     * What a device stands on.
     *
     * @param destroyed told when the device is gone: true when it may come back
     */
    record Ground(BdevDescriptor base, long clusterBytes, Consumer<Boolean> destroyed) {
        long clusterBlocks() {
            return clusterBytes / base.blockSize();
        }
    }

    private final Ground ground;
    private final Contents contents;
    /** Null when nothing can be written. */
    private final Changer changer;
    private final Supplier<VolumeFacts> facts;
    /** Guarded by itself, as are {@link #paused} and {@link #left}. */
    private final List<LvolChannel> channels = new ArrayList<>();
    private boolean paused;
    private boolean left;
    /** What is read where the volume has nothing; null for nothing that is there. Changes while this is guarded and all is paused. */
    private volatile Outside outside;

    LvolBdev(Geometry geometry, Ground ground, Contents contents, Changer changer, Supplier<VolumeFacts> facts) {
        super(geometry);
        this.ground = ground;
        this.contents = contents;
        this.changer = changer;
        this.facts = facts;
    }

    /** What a volume is like, on a base like this. */
    static Geometry geometry(VolumeFacts facts, Bdev base, long clusterBytes, boolean readOnly) {
        int blockSize = base.blockSize();
        UUID uuid = facts.uuid();
        // Whatever number of blocks a cluster has, no part of such a size lies in two.
        long boundary = Long.lowestOneBit(clusterBytes / blockSize);
        return new Geometry(
            uuid.toString(), List.of(facts.alias()), uuid, "Logical Volume", blockSize, base.physicalBlockSize(),
            facts.clusters() * (clusterBytes / blockSize),
            new Geometry.Limits(0, 0, 0, 0, base.memoryAlignment(), boundary, base.writeUnitBlocks()), base.metadata(), readOnly, true,
            true);
    }

    @Override
    public boolean supports(IoType type) {
        return switch (type) {
            case READ, SEEK_DATA, SEEK_HOLE, FLUSH, ABORT -> true;
            case WRITE, UNMAP, WRITE_ZEROES -> changer != null;
            default -> false;
        };
    }

    @Override
    public ModuleChannel openChannel(Reactor reactor) throws StorageException {
        var base = new QueuedChannel(ground.base.openChannel(reactor));
        var channel = new LvolChannel(this, reactor, base);
        synchronized (channels) {
            channels.add(channel);
            if (paused) {
                channel.beginPaused();
            }
            if (left) {
                channel.beginLeft();
            }
        }
        channel.standOnOutside();
        return channel;
    }

    /** It is made while its volume is changed, and takes I/O after {@link #resume}. */
    void beginPaused() {
        synchronized (channels) {
            paused = true;
        }
    }

    /** A channel has closed; nothing is in flight there. */
    void closed(LvolChannel channel) {
        synchronized (channels) {
            channels.remove(channel);
        }
    }

    /** No channel takes I/O until {@link #resume}; {@code quiet} is run on the reactor when nothing is in flight on any. */
    void pause(Reactor reactor, Runnable quiet) {
        List<LvolChannel> open;
        synchronized (channels) {
            paused = true;
            open = List.copyOf(channels);
        }
        each(open, reactor, quiet, LvolChannel::pause);
    }

    /**
     * No channel takes I/O any more. When all that is in flight has ended, they let go of what they stand on, and {@code done} is run on
     * the reactor.
     */
    void leave(Reactor reactor, Runnable done) {
        List<LvolChannel> open;
        synchronized (channels) {
            left = true;
            open = List.copyOf(channels);
        }
        each(open, reactor, done, (channel, told) -> channel.leave(() -> {
            channel.letGo();
            told.run();
        }));
    }

    /**
     * The volume stands on this device from now on, or on none; nobody does I/O on it, and {@code done} is run on the reactor when all
     * channels stand there.
     */
    void standOn(Outside now, Reactor reactor, Runnable done) {
        List<LvolChannel> open;
        synchronized (channels) {
            open = outside == now ? List.of() : List.copyOf(channels);
            outside = now;
        }
        each(open, reactor, done, (channel, told) -> {
            channel.standOnOutside();
            told.run();
        });
    }

    /** What is read where the volume has nothing; null for nothing that is there. Any thread. */
    Outside outside() {
        return outside;
    }

    /** Does something on the reactor of each, and then something on {@code reactor}. */
    private static void each(List<LvolChannel> open, Reactor reactor, Runnable done, BiConsumer<LvolChannel, Runnable> task) {
        int[] left = {open.size()};
        if (open.isEmpty()) {
            done.run();
        }
        for (LvolChannel channel : open) {
            channel.reactor().execute(() -> task.accept(channel, () -> reactor.execute(() -> {
                left[0]--;
                if (left[0] == 0) {
                    done.run();
                }
            })));
        }
    }

    void resume() {
        List<LvolChannel> open;
        synchronized (channels) {
            paused = false;
            open = List.copyOf(channels);
        }
        open.forEach(channel -> channel.reactor().execute(channel::resume));
    }

    Contents contents() {
        return contents;
    }

    Changer changer() {
        return changer;
    }

    Ground ground() {
        return ground;
    }

    @Override
    public Map<String, Object> describe() {
        return Map.of("lvol", LvolJson.driverSpecific(facts.get()));
    }

    @Override
    public List<String> standsOn() {
        Outside now = outside;
        String base = ground.base.bdev().name();
        return now == null ? List.of(base) : List.of(base, now.name());
    }

    @Override
    public boolean isStranded() {
        synchronized (channels) {
            return left;
        }
    }

    @Override
    public void destroy(boolean parked) {
        ground.destroyed.accept(parked);
    }
}
