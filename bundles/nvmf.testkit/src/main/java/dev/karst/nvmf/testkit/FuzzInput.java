package dev.karst.nvmf.testkit;

/** The bytes of a fuzzer's input, taken as choices one after the other; zeros after its end. */
public final class FuzzInput {
    private final byte[] bytes;
    private int at;

    /** All of these bytes. */
    public FuzzInput(byte[] bytes) {
        this.bytes = bytes;
    }

    public boolean hasMore() {
        return at < bytes.length;
    }

    /** The next byte, 0 to 255. */
    public int next() {
        return at < bytes.length ? bytes[at++] & 0xff : 0;
    }

    /** A choice below {@code bound}, from the next byte. */
    public int small(int bound) {
        return next() % bound;
    }
}
