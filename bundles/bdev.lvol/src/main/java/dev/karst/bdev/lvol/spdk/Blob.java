package dev.karst.bdev.lvol.spdk;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the pages of one blob say, as they say it. */
final class Blob {
    static final long THIN = 1;
    static final long EXTENT_TABLE = 4;
    static final long EXTERNAL_SNAPSHOT = 8;
    private static final long KNOWN = 15;
    private static final long READ_ONLY = 1;

    final long id;
    /** Extended attributes that the pool's owner set. */
    final Map<String, byte[]> attributes = new HashMap<>();
    /** Extended attributes of the blobstore itself. */
    final Map<String, byte[]> own = new HashMap<>();
    /** Numbers of the pages with its extents, in order; 0 for one that has none. A run of them is one entry with its length. */
    final List<Run> extentPages = new ArrayList<>();
    /** Runs of clusters, 0 for none, of a blob without an extent table. */
    final List<Run> extents = new ArrayList<>();
    /** Number of clusters that the extent table says; -1 for no extent table. */
    long tableClusters = -1;
    /** Who does not know one of these must not use the blob. */
    long flags;
    long readOnlyFlags;
    /** Null until it was read. */
    ClusterTable table;
    /** Why its data cannot be had; null for no reason. */
    String trouble;

    /** So many things from this one on; so many nothings when it is 0. */
    record Run(int first, long length) {}

    Blob(long id) {
        this.id = id;
    }

    boolean has(long flag) {
        return (flags & flag) != 0;
    }

    boolean isKnown() {
        return (flags & ~KNOWN) == 0;
    }

    boolean isReadOnly() {
        return (readOnlyFlags & READ_ONLY) != 0;
    }

    /** A text among the attributes, up to its first zero; null when there is none. */
    String text(String attribute) {
        return text(attributes.get(attribute));
    }

    private static String text(byte[] value) {
        if (value == null) {
            return null;
        }
        int length = 0;
        while (length < value.length && value[length] != 0) {
            length++;
        }
        return new String(value, 0, length, StandardCharsets.UTF_8);
    }

    /** The id of another blob among the blobstore's attributes; 0 when there is none. */
    long reference(String attribute) {
        byte[] value = own.get(attribute);
        return value == null || value.length != Long.BYTES ? 0 : Long.reverseBytes(ByteBuffer.wrap(value).getLong());
    }

    /** The name of the device outside that it is a clone of; null when there is none. */
    String outsideParent() {
        return text(own.get("EXTSNAP"));
    }
}
