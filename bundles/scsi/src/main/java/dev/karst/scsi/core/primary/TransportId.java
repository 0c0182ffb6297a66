package dev.karst.scsi.core.primary;

import dev.karst.scsi.TargetPort;
import java.nio.ByteBuffer;

/** The lengths of TransportIDs. SPC-5, 7.6.4. */
final class TransportId {
    private static final int PROTOCOL_MASK = 0x0f;
    private static final int USUAL_BYTES = 24;
    private static final int HEAD_BYTES = 4;

    private TransportId() {}

    /** Bytes of the one that begins here; 0 when it does not end within the list. */
    static int length(ByteBuffer list, int at) {
        int left = list.capacity() - at;
        if (left < HEAD_BYTES) {
            return 0;
        }
        boolean isIscsi = (list.get(at) & PROTOCOL_MASK) == TargetPort.ISCSI;
        int bytes = isIscsi ? HEAD_BYTES + (list.getShort(at + 2) & 0xffff) : USUAL_BYTES;
        return bytes > HEAD_BYTES && bytes <= left ? bytes : 0;
    }
}
