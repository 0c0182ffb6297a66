package dev.karst.vhost.session;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.unix.UnixSocket;
import dev.karst.spec.vhostuser.BackendRequest;
import dev.karst.spec.vhostuser.Header;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** What the device says to the front-end unasked. Any control thread. */
final class BackendChannel {
    private static final Logger LOG = System.getLogger(BackendChannel.class.getName());
    private static final int[] NO_DESCRIPTORS = {};
    private static final long MESSAGE_MS = 5_000;

    private final long buffer;
    private UnixSocket socket;

    /** The buffer, {@link Header#BYTES} long, is the caller's, to be used until {@link #close}. */
    BackendChannel(long buffer) {
        this.buffer = buffer;
    }

    /** Takes over the socket to say it on. */
    synchronized void set(UnixSocket next) {
        close();
        socket = next;
    }

    /** The configuration space is another. */
    synchronized void configChanged() {
        if (socket == null) {
            return;
        }
        Mem.fill(buffer, Header.BYTES, (byte) 0);
        Header.REQUEST.set(buffer, BackendRequest.CONFIG_CHANGE_MSG);
        Header.VERSION.set(buffer, Header.VERSION_1);
        try {
            socket.send(buffer, Header.BYTES, NO_DESCRIPTORS, MESSAGE_MS);
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "the front-end does not hear of a change: {0}", e.getMessage());
            close();
        }
    }

    synchronized void close() {
        if (socket != null) {
            socket.close();
            socket = null;
        }
    }
}
