package dev.karst.config.state;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.config.state.SavedConfig.Section;
import dev.karst.config.state.StateFolder.Saved;
import dev.karst.rpc.ChangeJournal;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Keeps changes in a journal, and begins a new one with a snapshot of the layers when there is no room for one more change. Of
 * those that wait for a change, one writes all that there are, and syncs once. While a layer is being replaced no snapshot is
 * taken and the journal grows instead, up to a limit. Control threads.
 */
public final class KeptState implements ChangeJournal {
    private static final System.Logger LOG = System.getLogger(KeptState.class.getName());
    /** How long a layer may take to be brought back while changes wait. */
    private static final long RETURN_NANOS = TimeUnit.SECONDS.toNanos(30);

    /**
     * How much room there is.
     *
     * @param journal bytes of a new journal, a multiple of 512; what is lacking is found when it is made and not later
     * @param change bytes that the largest change may take, with its head
     * @param mostJournal bytes that a journal may grow to while there can be no snapshot
     */
    public record Limits(int journal, int change, int mostJournal) {
        /** A request has up to 256 KiB. */
        public static final Limits USUAL = new Limits(1 << 20, 320 << 10, 32 << 20);
    }

    private final StateFolder folder;
    private final LayerStates layers;
    private final Limits limits;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition written = lock.newCondition();
    private final List<String> pending = new ArrayList<>();
    /** Subsystems that went, and are not as they were before yet. */
    private final Set<String> away = new HashSet<>();
    private List<Call> leftOut;
    private int pendingBytes;
    private long generation;
    private int sequence;
    private int end;
    private int capacity;
    private long appended;
    private long durable;
    /** How many subsystems are being brought back; changes wait meanwhile. */
    private int returning;
    /** Somebody is at the files, outside the lock. */
    private boolean busy;
    /** Why the last write came to nothing; only a new journal helps. */
    private StorageException failure;

    /**
     * What comes after a state that was saved, or after none; the first change, or {@link #begin}, writes a snapshot.
     *
     * @param leftOut calls of the saved state that could not be made
     */
    public KeptState(StateFolder folder, LayerStates layers, Limits limits, Saved saved, List<Call> leftOut) {
        this.folder = folder;
        this.layers = layers;
        this.limits = limits;
        this.leftOut = List.copyOf(leftOut);
        generation = saved.last();
    }

    /** Writes a snapshot. If that fails, each change tries it again, and is refused until it succeeds. */
    public void begin() {
        try {
            enter();
            try {
                renew();
            } finally {
                leave();
            }
        } catch (StorageException e) {
            LOG.log(System.Logger.Level.ERROR, "configuration: changes are refused until this works: " + e.getMessage());
        }
    }

    /** Goes on with the journal that was read, as its changes are in the layers already. */
    public void resume(Saved saved) {
        try {
            enter();
            try {
                if (saved.groups() == 0) {
                    folder.beginJournal(generation, limits.journal);
                    begun();
                } else {
                    extend(saved.end(), limits.journal);
                    end = saved.end();
                    sequence = saved.groups();
                }
            } finally {
                leave();
            }
        } catch (StorageException e) {
            LOG.log(System.Logger.Level.ERROR, "configuration: changes are refused until the next start: " + e.getMessage());
        }
    }

    @Override
    public void reserve() throws StorageException {
        lock.lock();
        try {
            awaitReturn();
            if (failure == null && hasRoom(capacity)) {
                return;
            }
        } finally {
            lock.unlock();
        }
        enter();
        try {
            renew();
        } finally {
            leave();
        }
    }

    private boolean hasRoom(int bytes) {
        return (long) end + Group.bytes(pendingBytes) + limits.change <= bytes;
    }

    private void awaitReturn() throws StorageException {
        long left = RETURN_NANOS;
        while (returning > 0 && left > 0) {
            left = awaitWritten(left);
        }
        if (returning > 0) {
            throw StorageException.errno(Errno.EAGAIN, "what a layer held that was restarted is being brought back; try again");
        }
    }

    private long awaitWritten(long nanos) throws StorageException {
        try {
            return written.awaitNanos(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw StorageException.errno(Errno.EINTR, "interrupted");
        }
    }

    /** Has the files for itself; nothing is appended meanwhile. */
    private void enter() {
        lock.lock();
        try {
            awaitFiles();
            busy = true;
        } finally {
            lock.unlock();
        }
    }

    private void leave() {
        lock.lock();
        try {
            busy = false;
            written.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void awaitFiles() {
        while (busy) {
            written.awaitUninterruptibly();
        }
    }

    private void renew() throws StorageException {
        Optional<List<Section>> sections = sections();
        if (sections.isPresent()) {
            compact(sections.get());
        } else if (failure == null && capacity > 0) {
            extend(end, capacity * 2);
        } else {
            throw StorageException.errno(Errno.EAGAIN, "the saved state cannot be written while a layer is being replaced;"
                + " restart Karst if none is" + (failure == null ? "" : " (" + failure.getMessage() + ")"));
        }
    }

    /** To be called by who has the files. */
    private Optional<List<Section>> sections() {
        boolean all;
        lock.lock();
        try {
            all = away.isEmpty();
        } finally {
            lock.unlock();
        }
        return all ? layers.sections() : Optional.empty();
    }

    /** A new state with an empty journal. Whatever was appended is in it. */
    private void compact(List<Section> sections) throws StorageException {
        generation++;
        failure = unfinished();
        try {
            folder.begin(new SavedConfig(generation, sections, leftOut), limits.journal);
        } catch (StorageException e) {
            failure = e;
            throw e;
        }
        lock.lock();
        try {
            pending.clear();
            pendingBytes = 0;
            durable = appended;
            failure = null;
            begun();
        } finally {
            lock.unlock();
        }
    }

    private void begun() {
        end = Group.bytes("[]".length());
        sequence = 1;
        capacity = limits.journal;
    }

    private static StorageException unfinished() {
        return StorageException.errno(Errno.EIO, "writing the saved state ended unexpectedly");
    }

    private void extend(int from, int bytes) throws StorageException {
        int more = bytes;
        while ((long) from + Group.bytes(pendingBytes) + limits.change > more) {
            more *= 2;
        }
        if (more > limits.mostJournal) {
            throw StorageException.errno(Errno.ENOSPC, "the journal " + folder.path() + "/journal has " + from
                + " bytes and may not grow further while a layer is being replaced; restart Karst");
        }
        folder.extend(from, more);
        capacity = more;
    }

    @Override
    public long append(String method, Map<String, Object> parameters) {
        String change = Json.text(SavedConfig.plain(new Call(method, parameters)));
        lock.lock();
        try {
            pending.add(change);
            pendingBytes += change.getBytes(StandardCharsets.UTF_8).length + 2;
            return ++appended;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void await(long change) throws StorageException {
        lock.lock();
        try {
            awaitFiles();
            while (durable < change) {
                if (failure != null) {
                    throw new StorageException(failure.code(),
                        "the change was made, but may be gone after a restart: " + failure.getMessage(), failure);
                }
                writePending();
                awaitFiles();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Writes all that is pending, with the lock given up meanwhile. */
    private void writePending() {
        byte[] group = Group.encode(generation, sequence++, pending);
        int at = end;
        long last = appended;
        end += group.length;
        pending.clear();
        pendingBytes = 0;
        busy = true;
        lock.unlock();
        StorageException problem = unfinished();
        try {
            folder.append(at, group);
            problem = null;
        } catch (StorageException e) {
            problem = e;
        } finally {
            lock.lock();
            busy = false;
            failure = problem;
            durable = problem == null ? last : durable;
            written.signalAll();
        }
    }

    /** Calls that could not be made at the start and are tried again at the next. */
    public List<Call> leftOut() {
        lock.lock();
        try {
            return leftOut;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Forgets the calls that were left out, durably. To be called within a change.
     *
     * @throws StorageException EAGAIN while a layer is being replaced; what {@link #reserve} throws
     */
    public void forgetLeftOut() throws StorageException {
        List<Call> before = leftOut();
        enter();
        try {
            leftOut = List.of();
            compact(sections().orElseThrow(() -> StorageException.errno(
                Errno.EAGAIN, "a layer is being replaced; try again, or restart Karst if none is")));
        } catch (StorageException e) {
            leftOut = before;
            throw e;
        } finally {
            leave();
        }
    }

    /**
     * A layer goes with all that it holds, which is saved before, if that can be: the shorter the journal, the less there is to
     * bring back. To be called while there is no change.
     */
    public void leaves(ConfigSource source) {
        try {
            saveIfWhole();
            layers.leaves(source);
            lost(source.subsystem());
        } catch (StorageException e) {
            LOG.log(System.Logger.Level.ERROR, "configuration: " + source.subsystem() + " comes back at the next start only: "
                + e.getMessage());
        }
    }

    private void saveIfWhole() throws StorageException {
        enter();
        try {
            Optional<List<Section>> sections = sections();
            if (sections.isPresent()) {
                compact(sections.get());
            }
        } finally {
            leave();
        }
    }

    /** A layer has forgotten what it held, and what was saved has not: it goes, or was restarted while nobody looked. */
    public void lost(String subsystem) {
        lock.lock();
        try {
            away.add(subsystem);
        } finally {
            lock.unlock();
        }
    }

    /** A layer has come. If it went before, changes wait from now on until {@link #release}; else false. */
    public boolean arrives(String subsystem) {
        lock.lock();
        try {
            boolean back = away.contains(subsystem);
            returning += back ? 1 : 0;
            return back;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The calls that bring back what a layer held, once those it stands on are back, or were waited for in vain.
     *
     * @param isOwn whether a method is one of the layer's
     * @throws StorageException what the files say
     * @throws IOException when what was saved cannot be used
     */
    public List<Call> callsOf(ConfigSource source, Predicate<String> isOwn) throws StorageException, IOException {
        long appendedLast;
        lock.lock();
        try {
            long left = RETURN_NANOS / 2;
            while (!Collections.disjoint(away, source.after()) && left > 0) {
                left = awaitWritten(left);
            }
            appendedLast = appended;
        } finally {
            lock.unlock();
        }
        await(appendedLast);
        enter();
        try {
            return folder.load().calls(source.subsystem(), isOwn);
        } finally {
            leave();
        }
    }

    /**
     * A layer holds again what it held, but for what these calls make; they are tried again at the next start.
     *
     * @param failed calls that could not be made
     */
    public void restored(String subsystem, List<Call> failed) {
        lock.lock();
        try {
            away.remove(subsystem);
            leftOut = Stream.concat(leftOut.stream(), failed.stream()).toList();
        } finally {
            lock.unlock();
        }
        try {
            saveIfWhole();
        } catch (StorageException e) {
            LOG.log(System.Logger.Level.ERROR, "configuration: changes are refused until this works: " + e.getMessage());
        }
    }

    /** Lets changes go on that waited since the layer came. */
    public void release() {
        lock.lock();
        try {
            returning--;
            written.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Makes durable what was appended and nobody waits for yet. No change may be under way. */
    public void close() {
        try {
            await(appended);
        } catch (StorageException e) {
            LOG.log(System.Logger.Level.ERROR, "configuration: " + e.getMessage());
        }
    }
}
