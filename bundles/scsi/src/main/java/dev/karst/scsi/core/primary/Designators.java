package dev.karst.scsi.core.primary;

import dev.karst.base.Mem;
import dev.karst.scsi.TargetPort;
import dev.karst.scsi.core.model.Command;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/**
 * Puts designation descriptors together, one behind the other. A logical unit is told by the UUID of its block device, and by a
 * locally assigned NAA that is made of it. SPC-5, 7.7.6.
 */
public final class Designators {
    private static final int BINARY = 1;
    private static final int ASCII = 2;
    private static final int UTF_8 = 3;

    private static final int OF_UNIT = 0;
    private static final int OF_PORT = 0x10;
    private static final int OF_DEVICE = 0x20;
    /** PIV: the protocol identifier is valid. */
    private static final int PIV = 0x80;

    private static final int T10 = 1;
    private static final int NAA = 3;
    private static final int RELATIVE_PORT = 4;
    private static final int PORT_GROUP = 5;
    private static final int SCSI_NAME = 8;
    private static final int UUID_TYPE = 10;

    private static final int HEAD_BYTES = 4;
    private static final int PROTOCOL_SHIFT = 4;
    private static final int VENDOR_BYTES = 8;
    private static final long NAA_LOCAL = 3L << 60;
    private static final long NAA_MASK = (1L << 60) - 1;

    /** The only target port group. */
    static final int GROUP = 1;

    private long at;

    Designators(long at) {
        this.at = at;
    }

    /** Where the next one goes. */
    long end() {
        return at;
    }

    private void add(int protocolAndCode, int typeAndAssociation, byte[] content) {
        Mem.setByte(at, (byte) protocolAndCode);
        Mem.setByte(at + 1, (byte) typeAndAssociation);
        Mem.setByte(at + 2, (byte) 0);
        Mem.setByte(at + 3, (byte) content.length);
        Mem.put(at + HEAD_BYTES, content, 0, content.length);
        at += HEAD_BYTES + content.length;
    }

    /** Those of a logical unit. */
    void unit(UUID uuid) {
        String text = String.format("%-" + VENDOR_BYTES + "s%s", Inquiry.VENDOR, uuid);
        add(ASCII, OF_UNIT | T10, text.getBytes(StandardCharsets.US_ASCII));
        add(BINARY, OF_UNIT | NAA, ByteBuffer.allocate(Long.BYTES).putLong(naa(uuid)).array());
        add(BINARY, OF_UNIT | UUID_TYPE, ByteBuffer.allocate(2 + 2 * Long.BYTES).put((byte) (1 << PROTOCOL_SHIFT)).put((byte) 0)
            .putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits()).array());
    }

    /** A locally assigned NAA: 60 bits of the UUID, which is random in most of them. */
    private static long naa(UUID uuid) {
        long mixed = uuid.getMostSignificantBits() ^ Long.rotateLeft(uuid.getLeastSignificantBits(), Integer.SIZE);
        return NAA_LOCAL | mixed & NAA_MASK;
    }

    /** Whether a designator of this type is one of the logical unit of this UUID. */
    public static boolean isOf(UUID uuid, int type, byte[] designator) {
        ByteBuffer bytes = ByteBuffer.wrap(designator);
        return switch (type) {
            case NAA -> designator.length == Long.BYTES && bytes.getLong() == naa(uuid);
            case UUID_TYPE -> designator.length == 2 + 2 * Long.BYTES && bytes.getLong(2) == uuid.getMostSignificantBits()
                && bytes.getLong(2 + Long.BYTES) == uuid.getLeastSignificantBits();
            default -> false;
        };
    }

    /** Those of the port that a command came by. */
    void port(Command command) {
        TargetPort port = command.nexus.port;
        int protocol = PIV | OF_PORT;
        byte[] relative = ByteBuffer.allocate(HEAD_BYTES).putShort(2, (short) port.relativeId()).array();
        byte[] group = ByteBuffer.allocate(HEAD_BYTES).putShort(2, (short) GROUP).array();
        int code = port.protocol() << PROTOCOL_SHIFT;
        add(code | BINARY, protocol | RELATIVE_PORT, relative);
        add(code | BINARY, protocol | PORT_GROUP, group);
        name(port);
    }

    /** The name of a port, if it has one. */
    void name(TargetPort port) {
        if (!port.name().isEmpty()) {
            add(port.protocol() << PROTOCOL_SHIFT | UTF_8, PIV | OF_PORT | SCSI_NAME, scsiName(port.name()));
        }
    }

    /** The name of the device. */
    void device(Command command) {
        add(command.nexus.port.protocol() << PROTOCOL_SHIFT | UTF_8, PIV | OF_DEVICE | SCSI_NAME,
            scsiName(command.nexus.group.device.name()));
    }

    /** A SCSI name string: UTF-8 with at least one NUL behind it, in words of four bytes. */
    private static byte[] scsiName(String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        return Arrays.copyOf(text, (text.length + HEAD_BYTES) / HEAD_BYTES * HEAD_BYTES);
    }
}
