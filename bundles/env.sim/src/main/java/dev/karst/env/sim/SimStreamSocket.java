package dev.karst.env.sim;

import dev.karst.base.Errno;
import dev.karst.base.IoVector;
import dev.karst.env.EventSet;
import dev.karst.env.Readiness;
import dev.karst.env.StreamSocket;

/** One end of a simulated connection. */
public final class SimStreamSocket extends StreamSocket {
    private enum State {
        CONNECTING,
        OPEN,
        BROKEN,
        CLOSED
    }

    private final class Source extends SimSource {
        private boolean readable;
        private boolean writable;

        /** One thing at a time, so that a listener that throws loses nothing. */
        @Override
        void deliver() {
            boolean first = readable;
            if (readable) {
                readable = false;
            } else {
                writable = false;
            }
            if (readable || writable) {
                signal();
            }
            if (first) {
                readiness.readable();
            } else {
                readiness.writable();
            }
        }
    }

    private final SimNetwork network;
    private final Source source = new Source();
    private final String local;
    private final String peer;
    /** For the trace: which connection, and whether it was accepted. */
    final long id;
    SimPipe in;
    SimPipe out;
    SimStreamSocket other;
    private State state = State.CONNECTING;
    /** What the next read or write fails with; told once. */
    private int error;
    private boolean wantsSpace;
    private Readiness readiness;

    SimStreamSocket(SimNetwork network, long id, String local, String peer) {
        this.network = network;
        this.id = id;
        this.local = local;
        this.peer = peer;
    }

    @Override
    public int read(long address, int length) {
        assert state != State.CLOSED : "read after close";
        if (state == State.CONNECTING) {
            return AGAIN;
        }
        if (in != null && in.readable() > 0) {
            int moved = in.read(address, length);
            network.spaceFreed(other);
            return moved;
        }
        if (error != 0) {
            return takeError();
        }
        if (state == State.BROKEN || in.endArrived) {
            return in == null ? -Errno.ENOTCONN : 0;
        }
        return AGAIN;
    }

    @Override
    public int write(IoVector data, long offset) {
        assert state != State.CLOSED : "write after close";
        if (error != 0) {
            return takeError();
        }
        if (state == State.BROKEN || out != null && out.endWritten) {
            return -Errno.EPIPE;
        }
        int length = state == State.CONNECTING ? 0 : network.accepts(out.space(), data.bytes() - offset);
        if (length == 0) {
            if (data.bytes() == offset) {
                return 0;
            }
            waitForSpace();
            return AGAIN;
        }
        out.write(data, offset, length);
        network.written(this, length);
        return length;
    }

    @Override
    public void watch(EventSet events, Readiness readiness) {
        source.watchedBy((SimEventSet) events);
        this.readiness = readiness;
        source.readable = state == State.BROKEN || in != null && (in.readable() > 0 || in.endArrived);
        source.writable = state != State.CONNECTING;
        if (source.readable || source.writable) {
            source.signal();
        }
    }

    @Override
    public void unwatch() {
        source.watchedBy(null);
        readiness = null;
    }

    @Override
    public String peer() {
        return peer;
    }

    @Override
    public String local() {
        return local;
    }

    @Override
    public void shutdownOutput() {
        if (state == State.OPEN && !out.endWritten) {
            out.endWritten = true;
            network.written(this, 0);
        }
    }

    @Override
    public void shutdown() {
        if (state == State.OPEN) {
            network.reset(other);
            fail(Errno.ECONNRESET);
        }
    }

    @Override
    public void close() {
        if (state == State.CLOSED) {
            return;
        }
        unwatch();
        State before = state;
        state = State.CLOSED;
        if (before == State.OPEN) {
            if (in.readable() > 0) {
                network.reset(other);
            } else if (!out.endWritten) {
                out.endWritten = true;
                network.written(this, 0);
            }
        }
        network.closed(this);
    }

    /** Whether it has been closed at this end. */
    boolean isClosed() {
        return state == State.CLOSED;
    }

    /** The two ends belong together from now on. */
    static void join(SimStreamSocket one, SimStreamSocket other, SimPipe there, SimPipe back) {
        one.out = there;
        other.in = there;
        one.in = back;
        other.out = back;
        one.other = other;
        other.other = one;
        one.state = State.OPEN;
        other.state = State.OPEN;
        one.tellWritable();
    }

    /** Nothing moves any more; the next read that finds no data, or write, says why. */
    void fail(int errno) {
        if (state == State.CLOSED || state == State.BROKEN) {
            return;
        }
        state = State.BROKEN;
        error = errno;
        if (in != null) {
            in.broken = true;
            out.broken = true;
        }
        tellReadable();
        tellWritable();
    }

    void tellReadable() {
        source.readable = true;
        source.signal();
    }

    void tellWritable() {
        wantsSpace = false;
        source.writable = true;
        source.signal();
    }

    /** Whether a write is waiting for space, and there is some. */
    boolean canGoOn() {
        return state == State.OPEN && wantsSpace && out.space() > 0;
    }

    private void waitForSpace() {
        wantsSpace = true;
        if (state == State.OPEN && out.space() > 0) {
            network.spaceFreed(this);
        }
    }

    private int takeError() {
        int result = -error;
        error = 0;
        return result;
    }
}
