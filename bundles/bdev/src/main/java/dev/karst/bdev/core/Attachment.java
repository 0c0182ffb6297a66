package dev.karst.bdev.core;

import dev.karst.base.Errno;
import dev.karst.base.ReactorConfined;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.reactor.Reactor;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/**
 * An open channel of a module and the I/Os that are in it, each at a place that it knows itself. Whatever completes an
 * I/O that is not in here is refused.
 */
@ReactorConfined
final class Attachment {
    private static final int FIRST_SIZE = 16;

    final ModuleChannel channel;
    private final CoreBdev bdev;
    private BdevIo[] inside = new BdevIo[FIRST_SIZE];
    private int count;
    private CompletableFuture<Void> gone;

    private Attachment(CoreBdev bdev, ModuleChannel channel) {
        this.bdev = bdev;
        this.channel = channel;
    }

    /** Opens the module's channel. */
    static Attachment open(CoreBdev bdev, ModuleBdev module, Reactor reactor) throws StorageException {
        try {
            return new Attachment(bdev, module.openChannel(reactor));
        } catch (RuntimeException e) {
            bdev.moduleThrew(e);
            throw Failures.of(
                Errno.EIO, "the module " + bdev.moduleName() + " threw " + e + " when it opened " + bdev.name()
                    + "; report it as a fault of the module");
        }
    }

    /** Asks the module to end the I/O soon. */
    void abort(BdevIo io) {
        try {
            channel.abort(io);
        } catch (RuntimeException e) {
            bdev.moduleThrew(e);
        }
    }

    /** Whether the module lets go of the I/O; one that throws does not. */
    boolean abandon(BdevIo io) {
        try {
            return channel.abandon(io);
        } catch (RuntimeException e) {
            bdev.moduleThrew(e);
            return false;
        }
    }

    /** Closes the module's channel, whatever the module makes of it. */
    void close() {
        try {
            channel.close();
        } catch (RuntimeException e) {
            bdev.moduleThrew(e);
        }
    }

    int count() {
        return count;
    }

    BdevIo get(int index) {
        return inside[index];
    }

    void add(BdevIo io) {
        if (count == inside.length) {
            inside = Arrays.copyOf(inside, count * 2);
        }
        inside[count] = io;
        LaneChannel.note(io, count++);
    }

    /** Takes it out; false when it is not here. */
    boolean remove(BdevIo io) {
        int at = LaneChannel.noted(io);
        if (!holds(io, at)) {
            return false;
        }
        BdevIo last = inside[--count];
        inside[at] = last;
        LaneChannel.note(last, at);
        inside[count] = null;
        LaneChannel.note(io, LaneChannel.NOWHERE);
        return true;
    }

    boolean holds(BdevIo io) {
        return holds(io, LaneChannel.noted(io));
    }

    private boolean holds(BdevIo io, int at) {
        return at >= 0 && at < count && inside[at] == io;
    }

    /** Closes the channel as soon as nothing is inside; {@code gone} is told. */
    void closeWhenEmpty(CompletableFuture<Void> gone) {
        this.gone = gone;
        closeIfEmpty();
    }

    /** After something left. */
    void closeIfEmpty() {
        if (count == 0) {
            close();
            gone.complete(null);
        }
    }

    /** Those inside now. */
    BdevIo[] all() {
        return Arrays.copyOf(inside, count);
    }

    /** Asks the module to end all of them soon; it may complete some inside. */
    void abortAll() {
        for (BdevIo io : all()) {
            if (holds(io)) {
                abort(io);
            }
        }
    }
}
