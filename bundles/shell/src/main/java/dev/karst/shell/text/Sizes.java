package dev.karst.shell.text;

import java.util.Locale;

/** Sizes in words. */
public final class Sizes {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    private static final int UNIT = 1024;

    private Sizes() {}

    /** Bytes, such as {@code 1.5 GiB}. */
    public static String of(double bytes) {
        double size = bytes;
        int unit = 0;
        while (size >= UNIT && unit < UNITS.length - 1) {
            size /= UNIT;
            unit++;
        }
        return String.format(Locale.ROOT, size == Math.rint(size) ? "%.0f %s" : "%.1f %s", size, UNITS[unit]);
    }
}
