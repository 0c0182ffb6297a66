package dev.karst.bdev.file;

import dev.karst.base.StorageException;
import dev.karst.reactor.Reactors;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** The channels that are open on one device. Any thread. */
final class OpenChannels {
    /** How long what is in flight behind a new end may take. */
    private static final long PATIENCE_MS = 10_000;

    private final Set<FileChannel> channels = ConcurrentHashMap.newKeySet();

    FileChannel add(FileChannel channel) {
        channels.add(channel);
        return channel;
    }

    void remove(FileChannel channel) {
        channels.remove(channel);
    }

    /**
     * Returns when nothing is in flight that reaches behind {@code bytes}. Control threads; what comes after must be
     * refused already.
     *
     * @throws StorageException ETIMEDOUT
     */
    void awaitNothingBehind(long bytes, Reactors reactors) throws StorageException {
        List<CompletableFuture<Void>> told = new ArrayList<>();
        for (FileChannel channel : channels) {
            var clear = new CompletableFuture<Void>();
            told.add(clear);
            channel.reactor().execute(() -> channel.whenNothingBehind(bytes, clear));
        }
        reactors.await(
            CompletableFuture.allOf(told.toArray(CompletableFuture[]::new)), PATIENCE_MS, "I/O behind the new end");
    }
}
