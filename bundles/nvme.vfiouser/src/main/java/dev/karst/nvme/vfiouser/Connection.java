package dev.karst.nvme.vfiouser;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.unix.Descriptor;
import dev.karst.env.unix.UnixSocket;
import dev.karst.spec.vfiouser.Header;
import java.util.ArrayList;
import java.util.List;

/**
 * Commands and their replies, one at a time. Whatever goes wrong, but for a reply that says that the command failed, ends the
 * connection for good. Callers hold its monitor from when they write a payload until they have read the reply's.
 */
final class Connection {
    /** Longest message. */
    static final int BUFFER_BYTES = 8192;
    /** Longest payload. */
    static final int PAYLOAD_BYTES = BUFFER_BYTES - Header.BYTES;

    private static final int[] NO_DESCRIPTORS = {};
    /** Commands of the server's own that it may send before a reply. */
    private static final int MOST_INTERRUPTIONS = 64;

    private final String path;
    private final UnixSocket socket;
    private final long buffer;
    private int nextId;
    private volatile String ending;

    /** The buffer is the caller's, to be used until {@link #close}. */
    Connection(String path, UnixSocket socket, long buffer) {
        this.path = path;
        this.socket = socket;
        this.buffer = buffer;
    }

    /** Where the payload of the next command is written, and of the last reply is read. */
    long payload() {
        return buffer + Header.BYTES;
    }

    /** Whether nothing more can be asked. Any thread. */
    boolean isEnded() {
        return ending != null;
    }

    /** Does a command without descriptors. */
    int call(int command, int bytes, long timeoutMs) throws StorageException {
        return call(command, bytes, NO_DESCRIPTORS, timeoutMs);
    }

    /** Does a command with descriptors. */
    int call(int command, int bytes, int[] descriptors, long timeoutMs) throws StorageException {
        List<Descriptor> received = new ArrayList<>();
        try {
            return call(command, bytes, descriptors, received, timeoutMs);
        } finally {
            received.forEach(Descriptor::close);
        }
    }

    /**
     * Does a command.
     *
     * @param bytes of its payload
     * @param received gets what descriptors came; they are the caller's, also when this throws
     * @return bytes of the reply's payload
     * @throws StorageException the server's error; else what ended the connection
     */
    synchronized int call(int command, int bytes, int[] descriptors, List<Descriptor> received, long timeoutMs)
        throws StorageException {
        if (ending != null) {
            throw StorageException.errno(Errno.ENODEV, ending);
        }
        int id = nextId++ & 0xffff;
        try {
            write(id, command, Header.TYPE_COMMAND, bytes);
            socket.send(buffer, Header.BYTES + bytes, descriptors, timeoutMs);
            return reply(id, command, received, timeoutMs);
        } catch (Refusal e) {
            throw e;
        } catch (StorageException e) {
            end(e.getMessage());
            throw e;
        }
    }

    private int reply(int id, int command, List<Descriptor> received, long timeoutMs) throws StorageException {
        for (int times = 0; times <= MOST_INTERRUPTIONS; times++) {
            socket.receive(buffer, Header.BYTES, received, timeoutMs);
            long size = Header.SIZE.get(buffer);
            if (size < Header.BYTES || size > BUFFER_BYTES) {
                throw broken("it sends a message of " + size + " bytes");
            }
            int bytes = (int) size - Header.BYTES;
            if (Header.TYPE.get(buffer) == Header.TYPE_COMMAND) {
                refuse(bytes, timeoutMs);
                continue;
            }
            if (Header.TYPE.get(buffer) != Header.TYPE_REPLY || Header.ID.get(buffer) != id
                || Header.COMMAND.get(buffer) != command) {
                throw broken("it replies to what was not asked");
            }
            boolean failed = Header.ERROR.get(buffer) != 0;
            int errno = Header.ERRNO.getInt(buffer);
            socket.receive(payload(), bytes, received, timeoutMs);
            if (failed) {
                throw new Refusal(path, command, errno);
            }
            return bytes;
        }
        throw broken("it asks rather than replies");
    }

    /** All memory can be mapped, so the server need not ask for it. */
    private void refuse(int bytes, long timeoutMs) throws StorageException {
        int id = Header.ID.get(buffer);
        int command = Header.COMMAND.get(buffer);
        boolean silent = Header.NO_REPLY.get(buffer) != 0;
        List<Descriptor> none = new ArrayList<>();
        try {
            socket.receive(payload(), bytes, none, timeoutMs);
        } finally {
            none.forEach(Descriptor::close);
        }
        if (!silent) {
            write(id, command, Header.TYPE_REPLY, 0);
            Header.ERROR.set(buffer, 1);
            Header.ERRNO.set(buffer, Errno.EOPNOTSUPP);
            socket.send(buffer, Header.BYTES, NO_DESCRIPTORS, timeoutMs);
        }
    }

    private void write(int id, int command, int type, int bytes) {
        Mem.fill(buffer, Header.BYTES, (byte) 0);
        Header.ID.set(buffer, id);
        Header.COMMAND.set(buffer, command);
        Header.SIZE.set(buffer, Header.BYTES + bytes);
        Header.TYPE.set(buffer, type);
    }

    /** The exception for a server that says what it cannot mean. */
    StorageException broken(String what) {
        return StorageException.errno(Errno.EPROTO, "the server at " + path + " breaks the vfio-user protocol: " + what);
    }

    /** Ends it: nothing more is asked, and who waits for a reply fails. Any thread. */
    void end(String why) {
        if (ending == null) {
            ending = "the device at " + path + " is gone: " + why;
        }
        socket.shutdown();
    }

    /** Closes; nobody waits. */
    synchronized void close() {
        end("it was given back");
        socket.close();
    }

    /** The server did not do it, and is well. */
    static final class Refusal extends StorageException {
        private static final long serialVersionUID = 1L;

        Refusal(String path, int command, int errno) {
            super(
                -(errno > 0 ? errno : Errno.EIO), "the vfio-user server at " + path + " refuses command " + command + ": "
                    + (errno > 0 ? Errno.text(errno) : "it does not say why"));
        }
    }
}
