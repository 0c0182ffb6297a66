package dev.karst.vhost.played;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.EventSet;
import dev.karst.env.Readiness;
import dev.karst.env.unix.Descriptor;
import dev.karst.env.unix.SharedFile;
import dev.karst.env.unix.Signal;
import dev.karst.env.unix.UnixServer;
import dev.karst.env.unix.UnixSocket;
import dev.karst.env.unix.UnixSockets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Descriptors of several kinds, counted; mappings are of real memory, so that checked memory holds accesses against them. */
final class PlayedSockets implements UnixSockets {
    /** Bytes of the kinds of memory. */
    static final Map<String, Long> FILES = Map.of("memory", 8L << 20, "short", 1L << 20, "unsealed", 8L << 20);
    private static final long PAGE = 4096;
    private static final int NUMBER = 1_000_000;

    /** What a session may be made to forget, so that the test shows that it would see it. */
    enum Held {
        DESCRIPTOR, SIGNAL, MAPPING
    }

    private final UnixSockets real;
    private final Map<String, Descriptor> files = new HashMap<>();
    private final Map<Held, Integer> held = new EnumMap<>(Held.class);
    private final List<String> wrongs = new ArrayList<>();
    /** What is not given back, once; null for nothing. */
    Held forgotten;

    PlayedSockets(UnixSockets real) throws StorageException {
        this.real = real;
        for (var file : FILES.entrySet()) {
            files.put(file.getKey(), real.createMemory(file.getKey(), file.getValue()));
        }
    }

    /** What is wrong now that a session is over; the next one begins anew. */
    List<String> wrongs() {
        held.forEach((what, count) -> {
            if (count != 0) {
                wrongs.add("a " + what + " is left: " + count);
            }
        });
        List<String> all = List.copyOf(wrongs);
        wrongs.clear();
        held.clear();
        return all;
    }

    private void take(Held what) {
        held.merge(what, 1, Integer::sum);
    }

    private void give(Held what) {
        if (forgotten == what) {
            forgotten = null;
        } else {
            held.merge(what, -1, Integer::sum);
        }
    }

    /** A new descriptor of a kind. */
    Descriptor descriptor(String kind) {
        return new Played(kind, files.get(kind), false);
    }

    private final class Played extends Descriptor {
        private final String kind;
        private final Descriptor file;
        private final boolean ours;
        private boolean closed;

        Played(String kind, Descriptor file, boolean ours) {
            this.kind = kind;
            this.file = file;
            this.ours = ours;
            take(Held.DESCRIPTOR);
        }

        @Override
        public int number() {
            return NUMBER;
        }

        @Override
        public long map(long offset, long bytes) throws StorageException {
            if (closed || !kind.equals("memory") && !kind.equals("short")) {
                wrongs.add("maps a descriptor that is " + kind + (closed ? " and closed" : ""));
            }
            if (file == null) {
                throw StorageException.errno(Errno.EINVAL, "it is no file");
            }
            long address = file.map(offset, bytes);
            take(Held.MAPPING);
            return address;
        }

        @Override
        public SharedFile file() {
            return new SharedFile(FILES.getOrDefault(kind, 0L), FILES.containsKey(kind), !kind.equals("unsealed"), PAGE);
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                give(Held.DESCRIPTOR);
                if (ours) {
                    file.close();
                }
            }
        }
    }

    @Override
    public Descriptor createMemory(String name, long bytes) throws StorageException {
        return new Played(name, real.createMemory(name, bytes), true);
    }

    @Override
    public void unmap(long address, long bytes) {
        real.unmap(address, bytes);
        give(Held.MAPPING);
    }

    @Override
    public Signal signal() throws StorageException {
        throw StorageException.errno(Errno.EMFILE, "a session makes none");
    }

    @Override
    public Signal signal(Descriptor descriptor) throws StorageException {
        if (!(descriptor instanceof Played played) || !played.kind.equals("event")) {
            throw StorageException.errno(Errno.EINVAL, "it is no eventfd");
        }
        take(Held.SIGNAL);
        return new Signal() {
            private boolean closed;

            @Override
            public int descriptor() {
                return NUMBER;
            }

            @Override
            public void raise() {
                if (closed) {
                    wrongs.add("raises a signal that is closed");
                }
            }

            @Override
            public void watch(EventSet events, Readiness readiness) {
                raise();
            }

            @Override
            public void unwatch() {
                raise();
            }

            @Override
            public void close() {
                raise();
                closed = true;
                give(Held.SIGNAL);
                descriptor.close();
            }
        };
    }

    @Override
    public UnixSocket connect(Path path) throws StorageException {
        throw StorageException.errno(Errno.ECONNREFUSED, "a session connects to nobody");
    }

    @Override
    public UnixServer listen(Path path) throws StorageException {
        throw StorageException.errno(Errno.EACCES, "a session does not listen");
    }

    void close() {
        files.values().forEach(Descriptor::close);
    }
}
