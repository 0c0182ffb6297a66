package dev.karst.base;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** Lines of ASCII text whose last says the CRC32C of those before it, as {@code end 1b2c3d4e}. Control threads. */
public final class SealedText {
    private static final String END = "end ";

    private SealedText() {}

    /** The lines, each with a line feed behind it, and the last. */
    public static byte[] seal(String lines) {
        var sum = new CRC32C();
        sum.update(lines.getBytes(StandardCharsets.US_ASCII));
        return (lines + String.format(END + "%08x\n", sum.getValue())).getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * The lines without the last.
     *
     * @throws IllegalArgumentException when there is no such last line, or it does not fit
     */
    public static String unseal(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.US_ASCII);
        int end = text.lastIndexOf(END);
        if (end < 0 || !Arrays.equals(seal(text.substring(0, end)), bytes)) {
            throw new IllegalArgumentException("its end does not fit");
        }
        return text.substring(0, end);
    }

    /**
     * The words of a line, parted by single spaces.
     *
     * @throws IllegalArgumentException when it has not so many
     */
    public static String[] words(String line, int count) {
        String[] words = line.split(" ", -1);
        if (words.length != count) {
            throw new IllegalArgumentException("not " + count + " words");
        }
        return words;
    }
}
