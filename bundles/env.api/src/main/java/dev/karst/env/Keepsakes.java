package dev.karst.env;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sockets, and what is to be known of them, that outlive the bundle which had them: one version puts them here, the next takes
 * them. What nobody takes in time is closed, and so is all when the environment ends. Nothing but sockets of the environment
 * and bytes is kept, so no class of a bundle that went is either. Any thread.
 */
public final class Keepsakes {
    /** Most things at once. */
    public static final int MOST = 4096;
    /** Most bytes of states at once. */
    public static final long MOST_BYTES = 64L << 20;

    /**
     * One thing.
     *
     * @param name what it is found by
     * @param state for whoever takes it
     * @param stream a connection that nobody watches, or null
     * @param server a listening socket that nobody watches, or null
     */
    public record Keepsake(String name, byte[] state, StreamSocket stream, ServerSocket server) {
        /** Closes what it holds. */
        public void close() {
            if (stream != null) {
                stream.close();
            }
            if (server != null) {
                server.close();
            }
        }
    }

    /** Runs something later. */
    @FunctionalInterface
    public interface Alarm {
        void after(long delayMs, Runnable task);
    }

    private final Alarm alarm;
    private final Map<String, Keepsake> kept = new LinkedHashMap<>();
    private long bytes;

    /** Keeps nothing yet. */
    public Keepsakes(Alarm alarm) {
        this.alarm = alarm;
    }

    /**
     * Keeps it for so long, then closes it. One of the same name that is here is closed now.
     *
     * @throws StorageException ENOSPC when there are too many, or too large ones; then it is still the caller's
     */
    public void put(Keepsake keepsake, long timeoutMs) throws StorageException {
        synchronized (this) {
            if (kept.size() >= MOST || bytes + keepsake.state.length > MOST_BYTES) {
                throw StorageException.errno(Errno.ENOSPC, kept.size() + " things of " + bytes + " bytes are kept already");
            }
            Keepsake before = kept.get(keepsake.name);
            if (before != null) {
                expire(before);
            }
            kept.put(keepsake.name, keepsake);
            bytes += keepsake.state.length;
        }
        alarm.after(timeoutMs, () -> expire(keepsake));
    }

    /** Takes those whose names begin so, in the order in which they came. */
    public synchronized List<Keepsake> take(String prefix) {
        List<Keepsake> taken = new ArrayList<>();
        for (Keepsake keepsake : List.copyOf(kept.values())) {
            if (keepsake.name.startsWith(prefix)) {
                remove(keepsake);
                taken.add(keepsake);
            }
        }
        return taken;
    }

    /** Whether there are any whose names begin so. */
    public synchronized boolean has(String prefix) {
        return kept.keySet().stream().anyMatch(name -> name.startsWith(prefix));
    }

    /** How many there are. */
    public synchronized int size() {
        return kept.size();
    }

    /** Closes those whose names begin so; all for an empty prefix. */
    public void close(String prefix) {
        take(prefix).forEach(Keepsake::close);
    }

    private void expire(Keepsake keepsake) {
        if (remove(keepsake)) {
            keepsake.close();
        }
    }

    private synchronized boolean remove(Keepsake keepsake) {
        if (kept.get(keepsake.name) != keepsake) {
            return false;
        }
        kept.remove(keepsake.name);
        bytes -= keepsake.state.length;
        return true;
    }
}
