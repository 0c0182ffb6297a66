package dev.karst.vhost.session;

import dev.karst.spec.vhostuser.ConfigSpace;
import dev.karst.spec.vhostuser.InflightArea;
import dev.karst.spec.vhostuser.LogArea;
import dev.karst.spec.vhostuser.MemoryRegion;
import dev.karst.spec.vhostuser.MemoryTable;
import dev.karst.spec.vhostuser.Request;
import dev.karst.spec.vhostuser.SingleRegion;
import dev.karst.spec.vhostuser.VringAddress;
import dev.karst.spec.vhostuser.VringState;

/**
 * What a message must have.
 *
 * @param least bytes of its payload
 * @param most bytes of its payload
 * @param fewestDescriptors that come along
 * @param mostDescriptors that come along
 * @param replies whether it has a reply of its own
 */
record MessageRule(int least, int most, int fewestDescriptors, int mostDescriptors, boolean replies) {
    /** Most regions of SET_MEM_TABLE. */
    static final int MAX_TABLE = 8;

    private static final int U64 = Long.BYTES;

    private static MessageRule of(int bytes) {
        return new MessageRule(bytes, bytes, 0, 0, false);
    }

    private static MessageRule replied(int least, int most) {
        return new MessageRule(least, most, 0, 0, true);
    }

    private static MessageRule with(int least, int most, int fewest, int mostDescriptors) {
        return new MessageRule(least, most, fewest, mostDescriptors, false);
    }

    /** The rule for a message; null when it is not known. */
    static MessageRule forRequest(int request) {
        return switch (request) {
            case Request.SET_OWNER, Request.RESET_OWNER, Request.RESET_DEVICE -> of(0);
            case Request.SET_FEATURES, Request.SET_PROTOCOL_FEATURES -> of(U64);
            case Request.GET_FEATURES, Request.GET_PROTOCOL_FEATURES, Request.GET_QUEUE_NUM, Request.GET_MAX_MEM_SLOTS -> replied(0, 0);
            case Request.GET_VRING_BASE -> replied(VringState.BYTES, VringState.BYTES);
            case Request.SET_VRING_NUM, Request.SET_VRING_BASE, Request.SET_VRING_ENABLE -> of(VringState.BYTES);
            case Request.SET_VRING_ADDR -> of(VringAddress.BYTES);
            case Request.SET_VRING_KICK, Request.SET_VRING_CALL, Request.SET_VRING_ERR -> with(U64, U64, 0, 1);
            case Request.SET_MEM_TABLE -> with(MemoryTable.BYTES, MemoryTable.BYTES + MAX_TABLE * MemoryRegion.BYTES, 0, MAX_TABLE);
            case Request.ADD_MEM_REG -> with(SingleRegion.BYTES + MemoryRegion.BYTES, SingleRegion.BYTES + MemoryRegion.BYTES, 1, 1);
            case Request.REM_MEM_REG -> with(SingleRegion.BYTES + MemoryRegion.BYTES, SingleRegion.BYTES + MemoryRegion.BYTES, 0, 1);
            case Request.GET_CONFIG -> replied(ConfigSpace.BYTES, Wire.PAYLOAD_BYTES);
            case Request.SET_CONFIG -> with(ConfigSpace.BYTES, Wire.PAYLOAD_BYTES, 0, 0);
            case Request.SET_BACKEND_REQ_FD, Request.SET_LOG_FD -> with(0, U64, 1, 1);
            case Request.SET_LOG_BASE -> new MessageRule(LogArea.BYTES, LogArea.BYTES, 1, 1, true);
            case Request.GET_INFLIGHT_FD -> replied(InflightArea.PACKED_BYTES, InflightArea.BYTES);
            case Request.SET_INFLIGHT_FD -> with(InflightArea.PACKED_BYTES, InflightArea.BYTES, 1, 1);
            default -> null;
        };
    }

    /** What is wrong with a message; null when nothing is. */
    String problem(int bytes, int descriptors) {
        if (bytes < least || bytes > most) {
            return "it has " + bytes + " bytes";
        }
        return descriptors < fewestDescriptors || descriptors > mostDescriptors ? descriptors + " descriptors come along" : null;
    }
}
