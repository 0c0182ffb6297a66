package dev.karst.scsi.core.copy;

import dev.karst.scsi.core.model.CopyLimits;
import dev.karst.spec.scsi.Asc;
import java.nio.ByteBuffer;

/**
 * The parameter list of EXTENDED COPY (LID1), checked: identification descriptors of block devices, and segments from block
 * device to block device. SPC-5, 6.4.2, 6.4.5 and 6.4.7.
 */
final class CopyList {
    /** Bytes of the header. */
    static final int HEADER_BYTES = 16;

    private static final int USAGE_SHIFT = 3;
    private static final int USAGE_MASK = 3;
    private static final int TARGETS_LENGTH_AT = 2;
    private static final int SEGMENTS_LENGTH_AT = 8;
    private static final int INLINE_LENGTH_AT = 12;
    private static final int SEGMENT_HEAD_BYTES = 4;

    /** A segment. */
    record Segment(int source, int target, int blocks, long sourceBlock, long targetBlock) {}

    private final ByteBuffer list;
    private final int targetBytes;
    private final int segmentBytes;

    /** A list of {@link #HEADER_BYTES} bytes at least; {@link #check} follows. */
    CopyList(byte[] bytes) {
        list = ByteBuffer.wrap(bytes);
        targetBytes = list.getShort(TARGETS_LENGTH_AT) & 0xffff;
        segmentBytes = (int) Math.min(list.getInt(SEGMENTS_LENGTH_AT) & 0xffff_ffffL, Integer.MAX_VALUE / 2);
    }

    /** LIST IDENTIFIER. */
    int identifier() {
        return list.get(0) & 0xff;
    }

    /** Whether nobody will ask for what became of it. */
    boolean isForgotten() {
        return (list.get(1) >> USAGE_SHIFT & USAGE_MASK) == USAGE_MASK;
    }

    /** What is wrong with it, as additional sense code of ILLEGAL REQUEST; 0 for nothing. */
    int check() {
        long all = (long) HEADER_BYTES + targetBytes + segmentBytes + (list.getInt(INLINE_LENGTH_AT) & 0xffff_ffffL);
        if (all > list.capacity() || targetBytes + segmentBytes > CopyLimits.LIST_BYTES
            || targetBytes % CopyLimits.TARGET_BYTES != 0) {
            return Asc.PARAMETER_LIST_LENGTH_ERROR;
        } else if (list.getInt(INLINE_LENGTH_AT) != 0) {
            return Asc.INLINE_DATA_LENGTH_EXCEEDED;
        } else if (targets() > CopyLimits.TARGETS) {
            return Asc.TOO_MANY_TARGET_DESCRIPTORS;
        }
        for (int i = 0; i < targets(); i++) {
            if ((list.get(targetAt(i)) & 0xff) != CopyLimits.IDENTIFICATION) {
                return Asc.UNSUPPORTED_TARGET_DESCRIPTOR_TYPE_CODE;
            }
        }
        return checkSegments();
    }

    private int checkSegments() {
        int end = HEADER_BYTES + targetBytes + segmentBytes;
        int count = 0;
        for (int at = HEADER_BYTES + targetBytes; at < end; at += CopyLimits.SEGMENT_BYTES) {
            if (list.get(at) != CopyLimits.BLOCK_TO_BLOCK) {
                return Asc.UNSUPPORTED_SEGMENT_DESCRIPTOR_TYPE_CODE;
            } else if (at + CopyLimits.SEGMENT_BYTES > end) {
                return Asc.PARAMETER_LIST_LENGTH_ERROR;
            } else if (list.getShort(at + 2) != CopyLimits.SEGMENT_BYTES - SEGMENT_HEAD_BYTES) {
                return Asc.INVALID_FIELD_IN_PARAMETER_LIST;
            } else if (++count > CopyLimits.SEGMENTS) {
                return Asc.TOO_MANY_SEGMENT_DESCRIPTORS;
            }
        }
        return 0;
    }

    int targets() {
        return targetBytes / CopyLimits.TARGET_BYTES;
    }

    private static int targetAt(int index) {
        return HEADER_BYTES + index * CopyLimits.TARGET_BYTES;
    }

    /** DESIGNATOR TYPE of a target. */
    int designatorType(int index) {
        return list.get(targetAt(index) + 5) & 0x0f;
    }

    /** The designator of a target. */
    byte[] designator(int index) {
        int most = CopyLimits.TARGET_BYTES - 12;
        var designator = new byte[Math.min(most, list.get(targetAt(index) + 7) & 0xff)];
        list.get(targetAt(index) + 8, designator);
        return designator;
    }

    /** Bytes of a block of a target, as the initiator thinks. */
    int blockBytes(int index) {
        return list.getInt(targetAt(index) + 28) & 0xffffff;
    }

    int segments() {
        return segmentBytes / CopyLimits.SEGMENT_BYTES;
    }

    Segment segment(int index) {
        int at = HEADER_BYTES + targetBytes + index * CopyLimits.SEGMENT_BYTES;
        return new Segment(list.getShort(at + 4) & 0xffff, list.getShort(at + 6) & 0xffff, list.getShort(at + 10) & 0xffff,
            list.getLong(at + 12), list.getLong(at + 20));
    }
}
