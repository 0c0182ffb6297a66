package dev.karst.vhost.session;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.unix.Descriptor;
import dev.karst.env.unix.UnixSocket;
import dev.karst.spec.vhostuser.Header;
import java.util.ArrayList;
import java.util.List;

/** Messages on a socket, one at a time: what is received lies in the buffer until it is answered. */
final class Wire {
    /** Longest payload. */
    static final int PAYLOAD_BYTES = 4096;
    static final int BUFFER_BYTES = Header.BYTES + PAYLOAD_BYTES;

    /** For a message that has begun, and for a reply. */
    private static final long MESSAGE_MS = 5_000;
    private static final long IDLE_MS = 3_600_000;

    private final UnixSocket socket;
    private final long buffer;
    private final List<Descriptor> descriptors = new ArrayList<>();

    /** The buffer is the caller's, to be used until {@link #close}. */
    Wire(UnixSocket socket, long buffer) {
        this.socket = socket;
        this.buffer = buffer;
    }

    int request() {
        return Header.REQUEST.getInt(buffer);
    }

    boolean needsReply() {
        return Header.NEED_REPLY.get(buffer) != 0;
    }

    /** Bytes of the payload. */
    int bytes() {
        return Header.SIZE.getInt(buffer);
    }

    /** Where the payload lies. */
    long payload() {
        return buffer + Header.BYTES;
    }

    /** What descriptors came along; whoever keeps one takes it off the list, the rest is closed. */
    List<Descriptor> descriptors() {
        return descriptors;
    }

    /** Takes the one descriptor that came along; null when none did. */
    Descriptor take() {
        return descriptors.isEmpty() ? null : descriptors.removeFirst();
    }

    /** Closes the descriptors that nobody took. */
    void closeDescriptors() {
        descriptors.forEach(Descriptor::close);
        descriptors.clear();
    }

    /**
     * Waits for a message, and checks what it must have whatever it is.
     *
     * @throws StorageException ECONNRESET when the front-end is gone; EPROTO, ETIMEDOUT: it breaks the protocol
     */
    void receive() throws StorageException {
        awaitBegin();
        socket.receive(buffer + 1, Header.BYTES - 1, descriptors, MESSAGE_MS);
        if (Header.VERSION.get(buffer) != Header.VERSION_1 || Header.REPLY.get(buffer) != 0 || Header.RSVD.get(buffer) != 0) {
            throw broken("its flags are " + Long.toHexString(Mem.getU32(buffer + Header.VERSION.offset())));
        }
        if (Header.SIZE.get(buffer) > PAYLOAD_BYTES) {
            throw broken("it has " + Header.SIZE.get(buffer) + " bytes");
        }
        socket.receive(payload(), bytes(), descriptors, MESSAGE_MS);
    }

    private void awaitBegin() throws StorageException {
        for (;;) {
            try {
                socket.receive(buffer, 1, descriptors, IDLE_MS);
                return;
            } catch (StorageException e) {
                if (e.code() != -Errno.ETIMEDOUT) {
                    throw e;
                }
            }
        }
    }

    /** The exception for a message that cannot be. */
    StorageException broken(String what) {
        return StorageException.errno(Errno.EPROTO, "message " + request() + " breaks the vhost-user protocol: " + what);
    }

    /** Replies with a figure. */
    void reply(long value) throws StorageException {
        Mem.setLong(payload(), value);
        replyPayload(Long.BYTES);
    }

    /** Replies with what lies in the payload. */
    void replyPayload(int length, int... along) throws StorageException {
        Header.VERSION.set(buffer, Header.VERSION_1);
        Header.REPLY.set(buffer, 1);
        Header.NEED_REPLY.set(buffer, 0);
        Header.SIZE.set(buffer, length);
        socket.send(buffer, Header.BYTES + length, along, MESSAGE_MS);
    }

    /** Ends the connection: who waits in it gets an exception. Any thread. */
    void shutdown() {
        socket.shutdown();
    }

    void close() {
        closeDescriptors();
        socket.close();
    }
}
