package dev.karst.itests.scsi;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * What a command came to.
 *
 * @param status of SAM-5, table 28; {@link #CLOSED} when the target closed the connection instead
 * @param sense SENSE KEY in bits 23:16, ADDITIONAL SENSE CODE and qualifier below; 0 for none
 * @param residual bytes that were expected and not moved; negative for bytes more than were expected
 * @param data what came
 */
record ScsiAnswer(int status, int sense, long residual, byte[] data) {
    static final int GOOD = 0;
    static final int CHECK_CONDITION = 2;
    static final int CLOSED = -1;

    private static final int SHOWN = 64;

    boolean isGood() {
        return status == GOOD;
    }

    /** Sense data as {@code 5/24/00}, or what else the status is. */
    String end() {
        return switch (status) {
            case GOOD -> "GOOD";
            case CHECK_CONDITION -> String.format("%X/%02X/%02X", sense >> 16, sense >> 8 & 0xff, sense & 0xff);
            case CLOSED -> "closed";
            default -> String.format("status %02X", status);
        };
    }

    /** All of it, of data its first bytes, how many there are and a sum of them. */
    @Override
    public String toString() {
        var text = new StringBuilder(end());
        if (residual != 0) {
            text.append(residual > 0 ? " under " : " over ").append(Math.abs(residual));
        }
        if (data.length > 0) {
            text.append(' ').append(HexFormat.of().formatHex(Arrays.copyOf(data, Math.min(SHOWN, data.length))));
        }
        if (data.length > SHOWN) {
            var sum = new CRC32C();
            sum.update(data);
            text.append(String.format("... %d %08x", data.length, sum.getValue()));
        }
        return text.toString();
    }
}
