package dev.karst.vhost.session;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.unix.UnixSockets;
import dev.karst.spec.vhostuser.LogArea;
import dev.karst.vhost.ring.DirtyLog;
import dev.karst.vhost.session.SharedRegion.Wanted;

/** The memory of the dirty log. No queue runs while it changes. */
final class DirtyMemory {
    private final UnixSockets sockets;
    private final boolean anyFile;
    private SharedRegion region;

    DirtyMemory(UnixSockets sockets, boolean anyFile) {
        this.sockets = sockets;
        this.anyFile = anyFile;
    }

    /** Maps what SET_LOG_BASE brings. */
    void set(Wire wire) throws StorageException {
        long bytes = LogArea.MMAP_SIZE.get(wire.payload());
        long offset = LogArea.MMAP_OFFSET.get(wire.payload());
        if ((bytes | offset) % Long.BYTES != 0) {
            throw StorageException.errno(Errno.EINVAL, "a dirty log of " + bytes + " bytes at " + offset + " has no whole words");
        }
        SharedRegion next = SharedRegion.map(new Wanted(0, bytes, 0, offset), wire.descriptors().getFirst(), anyFile);
        close();
        region = next;
    }

    /** The log, or null. */
    DirtyLog log() {
        return region == null ? null : new DirtyLog(region.region().address(), region.region().bytes());
    }

    void close() {
        if (region != null) {
            region.unmap(sockets);
            region = null;
        }
    }
}
