package dev.karst.iscsi.login;

import java.util.Base64;
import java.util.HexFormat;

/** Binary values in text: {@code 0x} and hexadecimal digits, or {@code 0b} and Base64. RFC 7143, 6.1. */
final class Binary {
    private Binary() {}

    static String write(byte[] bytes) {
        return "0x" + HexFormat.of().formatHex(bytes);
    }

    /** The bytes of a value; null when it is none, or has more than {@code most}. */
    static byte[] read(String value, int most) {
        if (value.length() < 2 || value.length() > 2 + 2 * most) {
            return null;
        }
        String digits = value.substring(2);
        try {
            byte[] bytes = switch (value.substring(0, 2)) {
                case "0x", "0X" -> HexFormat.of().parseHex(digits);
                case "0b", "0B" -> Base64.getDecoder().decode(digits);
                default -> null;
            };
            return bytes == null || bytes.length > most ? null : bytes;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
