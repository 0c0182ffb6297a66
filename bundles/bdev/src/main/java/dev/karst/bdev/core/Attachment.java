package dev.karst.bdev.core;

import dev.karst.base.ReactorConfined;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.module.ModuleChannel;
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
    private BdevIo[] inside = new BdevIo[FIRST_SIZE];
    private int count;
    private CompletableFuture<Void> gone;

    Attachment(ModuleChannel channel) {
        this.channel = channel;
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

    /** After something left: whether it is closed now. */
    boolean closeIfEmpty() {
        if (count > 0 || gone == null) {
            return false;
        }
        channel.close();
        gone.complete(null);
        return true;
    }

    /** Those inside now. */
    BdevIo[] all() {
        return Arrays.copyOf(inside, count);
    }

    /** Asks the module to end all of them soon; it may complete some inside. */
    void abortAll() {
        for (BdevIo io : all()) {
            if (holds(io)) {
                channel.abort(io);
            }
        }
    }
}
