package dev.karst.scsi.core.primary;

import dev.karst.scsi.core.model.CopyLimits;
import dev.karst.spec.scsi.Opcode;
import java.nio.ByteBuffer;

/** Vital product data page 8Fh: which copies there can be. SPC-5, 7.7.18. */
final class ThirdPartyCopyPage {
    private static final int SUPPORTED_COMMANDS = 0x0001;
    private static final int PARAMETER_DATA = 0x0004;
    private static final int SUPPORTED_DESCRIPTORS = 0x0008;
    private static final int SUPPORTED_IDENTIFIERS = 0x000c;
    private static final int GENERAL_OPERATIONS = 0x8001;
    private static final int PARAMETER_DATA_BYTES = 0x1c;
    private static final int GENERAL_OPERATIONS_BYTES = 0x20;
    /** EXTENDED COPY (LID1), then RECEIVE COPY STATUS and OPERATING PARAMETERS. */
    private static final byte[] COMMANDS = {
        (byte) Opcode.EXTENDED_COPY, 1, 0, (byte) Opcode.RECEIVE_COPY_RESULTS, 2, 0, 3
    };
    private static final byte[] DESCRIPTORS = {CopyLimits.BLOCK_TO_BLOCK, (byte) CopyLimits.IDENTIFICATION, 0};

    private ThirdPartyCopyPage() {}

    /** The descriptors of the page. */
    static byte[] descriptors() {
        ByteBuffer page = ByteBuffer.allocate(256);
        begin(page, SUPPORTED_COMMANDS, 1 + COMMANDS.length).put((byte) COMMANDS.length).put(COMMANDS);
        int parameters = begin(page, PARAMETER_DATA, PARAMETER_DATA_BYTES).position();
        page.position(parameters + Integer.BYTES).putShort((short) CopyLimits.TARGETS).putShort((short) CopyLimits.SEGMENTS)
            .putInt(CopyLimits.LIST_BYTES).position(parameters + PARAMETER_DATA_BYTES);
        begin(page, SUPPORTED_DESCRIPTORS, 1 + DESCRIPTORS.length).put((byte) (DESCRIPTORS.length - 1)).put(DESCRIPTORS);
        begin(page, SUPPORTED_IDENTIFIERS, Integer.BYTES).putInt(0);
        int operations = begin(page, GENERAL_OPERATIONS, GENERAL_OPERATIONS_BYTES).position();
        page.putInt(CopyLimits.CONCURRENT).putInt(CopyLimits.CONCURRENT).position(operations + GENERAL_OPERATIONS_BYTES);
        var bytes = new byte[page.position()];
        page.get(0, bytes);
        return bytes;
    }

    private static ByteBuffer begin(ByteBuffer page, int type, int bytes) {
        return page.putShort((short) type).putShort((short) bytes);
    }
}
