package dev.karst.nvmf.tcp;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.env.EventSet;
import dev.karst.env.Readiness;
import dev.karst.env.StreamSocket;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** A socket whose peer is a test: it gives what it was fed in pieces, then nothing, and keeps what is written. */
final class FedSocket extends StreamSocket {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private Readiness readiness;
    private byte[] fed = {};
    private int at;
    private int piece;
    private boolean ended;
    private boolean closed;

    /** On the reactor: these are there to be read, so many at a time, though in no more than some 200 pieces. */
    void feed(byte[] bytes, int atATime) {
        fed = bytes;
        at = 0;
        piece = Math.max(atATime, bytes.length / 200);
        tell();
    }

    /** On the reactor: the peer closes. */
    void end() {
        ended = true;
        tell();
    }

    private void tell() {
        if (!closed) {
            readiness.readable();
        }
    }

    boolean isDrained() {
        return at == fed.length || closed;
    }

    boolean isClosed() {
        return closed;
    }

    /** What was written since the last call. */
    byte[] written() {
        byte[] bytes = written.toByteArray();
        written.reset();
        return bytes;
    }

    @Override
    public int read(long address, int length) {
        int count = Math.min(Math.min(piece, length), fed.length - at);
        if (count == 0) {
            return ended ? 0 : AGAIN;
        }
        Mem.put(address, fed, at, count);
        at += count;
        return count;
    }

    @Override
    public int write(IoVector data, long offset) {
        byte[] bytes = new byte[(int) data.bytes()];
        int end = 0;
        for (int i = 0; i < data.count(); i++) {
            Mem.get(data.address(i), bytes, end, data.length(i));
            end += data.length(i);
        }
        written.writeBytes(Arrays.copyOfRange(bytes, (int) offset, end));
        return end - (int) offset;
    }

    @Override
    public void watch(EventSet events, Readiness told) {
        readiness = told;
    }

    @Override
    public void unwatch() {}

    @Override
    public String peer() {
        return "fed";
    }

    @Override
    public String local() {
        return "here";
    }

    @Override
    public void shutdownOutput() {}

    @Override
    public void shutdown() {}

    @Override
    public void close() {
        closed = true;
    }
}
