package dev.karst.rpc.core;

import java.io.IOException;
import java.io.OutputStream;

/** Holds the last bytes back until there are too many or they are flushed; until then they can be taken back. */
public final class HeldOutput extends OutputStream {
    private final OutputStream to;
    private final byte[] held;
    private int length;
    private long passedOn;

    /** Holds back so many bytes before {@code to}. */
    public HeldOutput(OutputStream to, int bytes) {
        this.to = to;
        this.held = new byte[bytes];
    }

    /** How many bytes have been written. */
    long position() {
        return passedOn + length;
    }

    /** Takes back what was written since; false when some of it has been passed on. */
    boolean takeBack(long position) {
        if (position < passedOn) {
            return false;
        }
        length = (int) (position - passedOn);
        return true;
    }

    /** Whether all that was written is still held. */
    public boolean holdsAll() {
        return passedOn == 0;
    }

    /** How many bytes are held. */
    public int length() {
        return length;
    }

    @Override
    public void write(int b) throws IOException {
        makeRoom();
        held[length++] = (byte) b;
    }

    @Override
    public void write(byte[] source, int offset, int count) throws IOException {
        for (int done = 0; done < count; ) {
            makeRoom();
            int part = Math.min(count - done, held.length - length);
            System.arraycopy(source, offset + done, held, length, part);
            length += part;
            done += part;
        }
    }

    private void makeRoom() throws IOException {
        if (length == held.length) {
            passOn();
        }
    }

    private void passOn() throws IOException {
        to.write(held, 0, length);
        passedOn += length;
        length = 0;
    }

    /** Passes on all that is held. A generator that ends flushes too, so this is not {@link #flush}. */
    public void release() throws IOException {
        passOn();
        to.flush();
    }
}
