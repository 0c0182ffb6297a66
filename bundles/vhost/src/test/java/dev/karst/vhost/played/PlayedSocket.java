package dev.karst.vhost.played;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.unix.Descriptor;
import dev.karst.env.unix.UnixSocket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The end of a session's socket: says all that there is to say, then is gone. */
final class PlayedSocket extends UnixSocket {
    private final PlayedSockets sockets;
    private final Deque<Said> messages;
    private final Runnable between;
    private final List<byte[]> replies = new ArrayList<>();
    private byte[] now = {};
    private int at;
    private List<String> kinds = List.of();
    private boolean ended;

    /** Runs {@code between} before each message. */
    PlayedSocket(PlayedSockets sockets, List<Said> messages, Runnable between) {
        this.sockets = sockets;
        this.between = between;
        this.messages = new ArrayDeque<>(messages);
    }

    /** What the session said. */
    List<byte[]> replies() {
        return replies;
    }

    @Override
    public void send(long address, int length, int[] descriptors, long timeoutMs) {
        byte[] reply = new byte[length];
        Mem.get(address, reply, 0, length);
        replies.add(reply);
    }

    @Override
    public void receive(long address, int length, List<Descriptor> descriptors, long timeoutMs) throws StorageException {
        for (int got = 0; got < length; ) {
            if (at == now.length) {
                next();
            }
            kinds.forEach(kind -> descriptors.add(sockets.descriptor(kind)));
            kinds = List.of();
            int part = Math.min(length - got, now.length - at);
            Mem.put(address + got, now, at, part);
            at += part;
            got += part;
        }
    }

    private void next() throws StorageException {
        if (ended || messages.isEmpty()) {
            throw StorageException.errno(Errno.ECONNRESET, "the front-end has said all");
        }
        between.run();
        Said said = messages.remove();
        now = said.bytes();
        at = 0;
        kinds = said.kinds();
    }

    @Override
    public boolean awaitEnd(long timeoutMs) {
        return true;
    }

    @Override
    public void shutdown() {
        ended = true;
    }

    @Override
    public void close() {
        ended = true;
    }
}
