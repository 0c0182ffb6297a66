package dev.karst.nvme.testkit.media;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Firmware slots. An image begins with {@code FW} and its revision, 8 characters; whatever does not is refused. */
public final class Firmware {
    /** How many slots there are; the first can only be read. */
    public static final int SLOTS = 3;

    private static final int MOST_BYTES = 1 << 20;
    private static final int MAGIC_BYTES = 2;
    private static final int REVISION_BYTES = 8;

    private final String[] revisions = new String[SLOTS + 1];
    private byte[] image = {};
    private int active = 1;
    private int next;

    Firmware() {
        revisions[1] = "SIM-1.0";
    }

    /** Revision of a slot, 1 to {@link #SLOTS}; null when it is empty. */
    public String revision(int slot) {
        return revisions[slot];
    }

    /** The slot that runs. */
    public int active() {
        return active;
    }

    /** The slot that runs after the next reset; 0 for the same. */
    public int next() {
        return next;
    }

    /** Takes a part of an image; false when it does not fit behind what is there. */
    public boolean download(int offset, byte[] part) {
        if (offset < 0 || offset > image.length || offset + part.length > MOST_BYTES) {
            return false;
        }
        image = Arrays.copyOf(image, Math.max(image.length, offset + part.length));
        System.arraycopy(part, 0, image, offset, part.length);
        return true;
    }

    /** Stores what was downloaded in the slot; false when it is no image. */
    public boolean store(int slot) {
        boolean valid = image.length >= MAGIC_BYTES + REVISION_BYTES && image[0] == 'F' && image[1] == 'W';
        if (valid) {
            revisions[slot] = new String(image, MAGIC_BYTES, REVISION_BYTES, StandardCharsets.US_ASCII).strip();
        }
        image = new byte[0];
        return valid;
    }

    /** Runs the slot after the next reset. */
    public void activateLater(int slot) {
        next = slot;
    }

    /** Runs the slot now. */
    public void activate(int slot) {
        active = slot;
        next = 0;
    }

    /** A controller was reset. */
    public void reset() {
        if (next != 0) {
            activate(next);
        }
    }
}
