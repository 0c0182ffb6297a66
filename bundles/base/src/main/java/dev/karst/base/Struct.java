package dev.karst.base;

import java.nio.charset.StandardCharsets;

/**
 * Base of the declarations of binary figures. A figure is a class without instances that declares its fields once, in the
 * standard's order, as {@code static final} records; the names are the standard's mnemonics.
 *
 * <pre>{@code
 * public final class Sqe extends Struct {
 *     public static final int BYTES = 64;
 *     public static final U8    OPC = u8(0);
 *     public static final U16le CID = u16le(2);
 * }
 * int cid = Sqe.CID.get(address);
 * }</pre>
 *
 * Measured: records in constants cost what raw offsets cost; ordinary classes cost twice as much.
 */
public abstract class Struct {
    protected Struct() {
        throw new AssertionError("a figure has no instances");
    }

    /** A field: where it lies in its figure, and how long it is. */
    public sealed interface Field {
        int offset();

        int bytes();
    }

    /** Unsigned byte. */
    public record U8(int offset) implements Field {
        @Override
        public int bytes() {
            return 1;
        }

        public int get(long base) {
            return Mem.getU8(base + offset);
        }

        public void set(long base, int value) {
            Mem.setByte(base + offset, (byte) value);
        }
    }

    /** Unsigned 16 bits, little endian. */
    public record U16le(int offset) implements Field {
        @Override
        public int bytes() {
            return 2;
        }

        public int get(long base) {
            return Mem.getU16(base + offset);
        }

        public void set(long base, int value) {
            Mem.setShort(base + offset, (short) value);
        }
    }

    /** Unsigned 32 bits, little endian. */
    public record U32le(int offset) implements Field {
        @Override
        public int bytes() {
            return 4;
        }

        public long get(long base) {
            return Mem.getU32(base + offset);
        }

        /** The 32 bits as they are. */
        public int getInt(long base) {
            return Mem.getInt(base + offset);
        }

        public void set(long base, long value) {
            Mem.setInt(base + offset, (int) value);
        }
    }

    /** 64 bits, little endian; compare with {@link Long#compareUnsigned}. */
    public record U64le(int offset) implements Field {
        @Override
        public int bytes() {
            return 8;
        }

        public long get(long base) {
            return Mem.getLong(base + offset);
        }

        public void set(long base, long value) {
            Mem.setLong(base + offset, value);
        }
    }

    /** Unsigned 16 bits, big endian. */
    public record U16be(int offset) implements Field {
        @Override
        public int bytes() {
            return 2;
        }

        public int get(long base) {
            return Short.reverseBytes(Mem.getShort(base + offset)) & 0xffff;
        }

        public void set(long base, int value) {
            Mem.setShort(base + offset, Short.reverseBytes((short) value));
        }
    }

    /** Unsigned 32 bits, big endian. */
    public record U32be(int offset) implements Field {
        @Override
        public int bytes() {
            return 4;
        }

        public long get(long base) {
            return Integer.reverseBytes(Mem.getInt(base + offset)) & 0xffff_ffffL;
        }

        public void set(long base, long value) {
            Mem.setInt(base + offset, Integer.reverseBytes((int) value));
        }
    }

    /** 64 bits, big endian. */
    public record U64be(int offset) implements Field {
        @Override
        public int bytes() {
            return 8;
        }

        public long get(long base) {
            return Long.reverseBytes(Mem.getLong(base + offset));
        }

        public void set(long base, long value) {
            Mem.setLong(base + offset, Long.reverseBytes(value));
        }
    }

    /** {@code width} bits from bit {@code low} of a little-endian word of {@code bytes} (1, 2, 4) bytes; words may be shared. */
    public record Bits(int offset, int bytes, int low, int width) implements Field {
        public int get(long base) {
            return (int) (word(base) >>> low & mask());
        }

        public void set(long base, int value) {
            long changed = word(base) & ~(mask() << low) | (value & mask()) << low;
            switch (bytes) {
                case 1 -> Mem.setByte(base + offset, (byte) changed);
                case 2 -> Mem.setShort(base + offset, (short) changed);
                default -> Mem.setInt(base + offset, (int) changed);
            }
        }

        private long word(long base) {
            return switch (bytes) {
                case 1 -> Mem.getU8(base + offset);
                case 2 -> Mem.getU16(base + offset);
                default -> Mem.getU32(base + offset);
            };
        }

        private long mask() {
            return (1L << width) - 1;
        }
    }

    /** Bytes that are no number: an identifier, a nested figure, a table, a reserved field. */
    public record Bytes(int offset, int bytes) implements Field {
        /** Where the bytes are. */
        public long at(long base) {
            return base + offset;
        }

        public void set(long base, byte[] value) {
            assert value.length == bytes : "a field takes its own length";
            Mem.put(base + offset, value, 0, bytes);
        }

        public byte[] get(long base) {
            byte[] value = new byte[bytes];
            Mem.get(base + offset, value, 0, bytes);
            return value;
        }

        public void clear(long base) {
            Mem.fill(base + offset, bytes, (byte) 0);
        }
    }

    /** ASCII (UTF-8 for NQNs) text in a field of fixed length, padded at the end with {@code pad} (space or NUL). */
    public record Text(int offset, int bytes, char pad) implements Field {
        /** Sets the text; what does not fit is cut off. */
        public void set(long base, String value) {
            byte[] text = value.getBytes(StandardCharsets.UTF_8);
            int length = Math.min(text.length, bytes);
            Mem.put(base + offset, text, 0, length);
            if (length < bytes) {
                Mem.fill(base + offset + length, bytes - length, (byte) pad);
            }
        }

        /** The text without its padding; for a NUL-padded field what precedes the first NUL. */
        public String get(long base) {
            byte[] text = new byte[bytes];
            Mem.get(base + offset, text, 0, bytes);
            int length = 0;
            if (pad == 0) {
                while (length < bytes && text[length] != 0) {
                    length++;
                }
            } else {
                length = bytes;
                while (length > 0 && text[length - 1] == pad) {
                    length--;
                }
            }
            return new String(text, 0, length, StandardCharsets.UTF_8);
        }
    }

    protected static U8 u8(int offset) {
        return new U8(offset);
    }

    protected static U16le u16le(int offset) {
        return new U16le(offset);
    }

    protected static U32le u32le(int offset) {
        return new U32le(offset);
    }

    protected static U64le u64le(int offset) {
        return new U64le(offset);
    }

    protected static U16be u16be(int offset) {
        return new U16be(offset);
    }

    protected static U32be u32be(int offset) {
        return new U32be(offset);
    }

    protected static U64be u64be(int offset) {
        return new U64be(offset);
    }

    protected static Bits bits(int offset, int bytes, int low, int width) {
        return new Bits(offset, bytes, low, width);
    }

    protected static Bytes bytes(int offset, int bytes) {
        return new Bytes(offset, bytes);
    }

    /** Text padded with spaces. */
    protected static Text ascii(int offset, int bytes) {
        return new Text(offset, bytes, ' ');
    }

    /** Text padded with NULs. */
    protected static Text utf8(int offset, int bytes) {
        return new Text(offset, bytes, '\0');
    }
}
