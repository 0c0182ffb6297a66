package dev.karst.spec.nvmf;

import dev.karst.base.Mem;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** NVMe Qualified Names. NVMe Base 2.1, 4.7. */
public final class Nqn {
    /** The well-known name of every discovery subsystem. */
    public static final String DISCOVERY = "nqn.2014-08.org.nvmexpress.discovery";
    /** Most bytes of a name. */
    public static final int MAX_BYTES = 223;
    /** Bytes of a field that holds a name and at least one NUL. */
    public static final int FIELD_BYTES = 256;

    private static final Pattern DATED =
        Pattern.compile("nqn\\.\\d{4}-(0[1-9]|1[0-2])\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
            + "(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*:.+");

    private Nqn() {}

    /**
     * The name in a field of 256 bytes; null when no NUL ends it, or when it is empty, too long, not UTF-8 or holds a control
     * character.
     */
    public static String parse(long field) {
        byte[] bytes = new byte[FIELD_BYTES];
        Mem.get(field, bytes, 0, FIELD_BYTES);
        int length = 0;
        while (length < FIELD_BYTES && bytes[length] != 0) {
            length++;
        }
        return length == FIELD_BYTES ? null : decode(bytes, length);
    }

    /** Whether a subsystem may be given this name: a date, a reversed domain, a colon and something of its owner's. */
    public static boolean isWellFormed(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return name.equals(decode(bytes, bytes.length)) && DATED.matcher(name).matches();
    }

    /** Whether a host may have this name; less strict, for hosts are. */
    public static boolean isAcceptable(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return name.equals(decode(bytes, bytes.length));
    }

    private static String decode(byte[] bytes, int length) {
        if (length == 0 || length > MAX_BYTES) {
            return null;
        }
        try {
            String name = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, length)).toString();
            return name.chars().anyMatch(Character::isISOControl) ? null : name;
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
