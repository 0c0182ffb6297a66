package dev.karst.itests.scsi;

import java.util.HexFormat;

/**
 * Two answers to one command that are not the same.
 *
 * @param what differs: {@code end}, status and sense data; where those are the same {@code residual}; where that is too {@code data};
 *     {@code disk}, blocks that it may have changed
 * @param theirs what tgt's target gave
 * @param ours what Karst gave
 */
record Difference(String what, ScsiCommand command, ScsiAnswer theirs, ScsiAnswer ours) {
    /** What of an answer differs, in words. */
    String told(ScsiAnswer answer) {
        return switch (what) {
            case "end" -> answer.end();
            case "residual" -> answer.end() + " " + answer.residual() + " " + answer.data().length;
            default -> answer.end() + " " + HexFormat.of().formatHex(answer.data());
        };
    }

    @Override
    public String toString() {
        return what + " of " + command + "\n    tgt:   " + theirs + "\n    Karst: " + ours;
    }
}
