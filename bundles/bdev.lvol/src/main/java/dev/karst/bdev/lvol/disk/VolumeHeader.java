package dev.karst.bdev.lvol.disk;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The page of a volume; what follows the head of the page, little endian.
 *
 * <pre>
 * 48  UUID                                 80  UUID of the parent
 * 64  flags: 1 thin, 2 read only,          96  pointer to the root of the extents
 *     4 snapshot, 8 parent, 16 external   112  bytes of the name
 * 66  clear method                        113  bytes of the name of the external snapshot
 * 68  clusters                            114  number of extended attributes
 * 72  slot of the parent                  116  name, name of the external snapshot, and of each attribute
 *                                              U8 bytes of its name, U16 bytes of its value, and both; all UTF-8
 * </pre>
 *
 * @param parentSlot -1 for none
 */
public record VolumeHeader(
    UUID uuid, String name, boolean thin, boolean readOnly, boolean snapshot, ClearMethod clearMethod, int clusters,
    int parentSlot, UUID parentUuid, String external, Pointer extents, Map<String, String> xattrs) {

    private static final int THIN = 1;
    private static final int READ_ONLY = 2;
    private static final int SNAPSHOT = 4;
    private static final int PARENT = 8;
    private static final int EXTERNAL = 16;
    private static final int TEXT = 116;
    private static final int MOST_XATTRS = 256;

    /** A page without its head; null if all of it does not fit into one. */
    public byte[] encode() {
        byte[] page = new byte[Page.BYTES];
        Bytes.setUuid(page, 48, uuid);
        int flags = (thin ? THIN : 0) | (readOnly ? READ_ONLY : 0) | (snapshot ? SNAPSHOT : 0)
            | (parentSlot >= 0 ? PARENT : 0) | (external != null ? EXTERNAL : 0);
        Bytes.setU16(page, 64, flags);
        page[66] = (byte) clearMethod.ordinal();
        Bytes.setInt(page, 68, clusters);
        Bytes.setInt(page, 72, Math.max(0, parentSlot));
        Bytes.setUuid(page, 80, parentUuid);
        extents.write(page, 96);
        byte[] ownName = utf8(name);
        byte[] externalName = utf8(external == null ? "" : external);
        page[112] = (byte) ownName.length;
        page[113] = (byte) externalName.length;
        Bytes.setU16(page, 114, xattrs.size());
        int at = put(page, put(page, TEXT, ownName), externalName);
        for (Map.Entry<String, String> xattr : xattrs.entrySet()) {
            byte[] key = utf8(xattr.getKey());
            byte[] value = utf8(xattr.getValue());
            if (key.length > 255 || at < 0 || at + 3 + key.length + value.length > Page.BYTES) {
                return null;
            }
            page[at] = (byte) key.length;
            Bytes.setU16(page, at + 1, value.length);
            at = put(page, put(page, at + 3, key), value);
        }
        return at < 0 ? null : page;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static int put(byte[] page, int at, byte[] text) {
        if (at < 0 || at + text.length > Page.BYTES || text.length > 255 && at == TEXT) {
            return -1;
        }
        System.arraycopy(text, 0, page, at, text.length);
        return at + text.length;
    }

    /** Reads one from a page that is whole; null if its figures contradict each other. */
    public static VolumeHeader decode(byte[] page) {
        int flags = Bytes.getU16(page, 64);
        int clear = Bytes.getU8(page, 66);
        int nameBytes = Bytes.getU8(page, 112);
        int externalBytes = Bytes.getU8(page, 113);
        int count = Bytes.getU16(page, 114);
        boolean both = (flags & PARENT) != 0 && (flags & EXTERNAL) != 0;
        if (clear >= ClearMethod.values().length || count > MOST_XATTRS || both || Bytes.getInt(page, 68) < 0) {
            return null;
        }
        int at = TEXT + nameBytes + externalBytes;
        Map<String, String> xattrs = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            int keyBytes = at + 3 > Page.BYTES ? Page.BYTES : Bytes.getU8(page, at);
            int valueBytes = at + 3 > Page.BYTES ? 0 : Bytes.getU16(page, at + 1);
            if (at + 3 + keyBytes + valueBytes > Page.BYTES) {
                return null;
            }
            xattrs.put(text(page, at + 3, keyBytes), text(page, at + 3 + keyBytes, valueBytes));
            at += 3 + keyBytes + valueBytes;
        }
        return new VolumeHeader(
            Bytes.getUuid(page, 48), text(page, TEXT, nameBytes), (flags & THIN) != 0, (flags & READ_ONLY) != 0,
            (flags & SNAPSHOT) != 0, ClearMethod.values()[clear], Bytes.getInt(page, 68),
            (flags & PARENT) != 0 ? Bytes.getInt(page, 72) : -1, Bytes.getUuid(page, 80),
            (flags & EXTERNAL) != 0 ? text(page, TEXT + nameBytes, externalBytes) : null, Pointer.read(page, 96), xattrs);
    }

    private static String text(byte[] page, int at, int bytes) {
        return new String(page, at, bytes, StandardCharsets.UTF_8);
    }
}
