package dev.karst.vhost.played;

import dev.karst.base.Mem;
import dev.karst.nvmf.testkit.FuzzInput;
import dev.karst.spec.vhostuser.Header;
import dev.karst.spec.vhostuser.Request;
import dev.karst.vhost.master.Guest;
import dev.karst.vhost.master.Master;
import dev.karst.vhost.master.Payload;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.List;

/**
 * A message of a front-end.
 *
 * @param size what its header says of the payload
 * @param kinds what descriptors come along
 */
public record Said(int request, int flags, int size, byte[] payload, List<String> kinds) {
    private static final int[] REQUESTS = {
        Request.GET_FEATURES, Request.SET_FEATURES, Request.SET_OWNER, Request.RESET_OWNER, Request.SET_MEM_TABLE, Request.SET_LOG_BASE,
        Request.SET_LOG_FD, Request.SET_VRING_NUM, Request.SET_VRING_ADDR, Request.SET_VRING_BASE, Request.GET_VRING_BASE,
        Request.SET_VRING_KICK, Request.SET_VRING_CALL, Request.SET_VRING_ERR, Request.GET_PROTOCOL_FEATURES,
        Request.SET_PROTOCOL_FEATURES, Request.GET_QUEUE_NUM, Request.SET_VRING_ENABLE, Request.SET_BACKEND_REQ_FD, Request.GET_CONFIG,
        Request.SET_CONFIG, Request.GET_INFLIGHT_FD, Request.SET_INFLIGHT_FD, Request.RESET_DEVICE, Request.GET_MAX_MEM_SLOTS,
        Request.ADD_MEM_REG, Request.REM_MEM_REG, 0, 19, 99};
    private static final long[] FIGURES = {
        0, 1, 2, 3, 8, 16, 64, 255, 256, 257, 1024, 4096, 0x10000, 0x40000, Guest.PART_BYTES, Guest.SECOND, 0x7f12_0000_0000L,
        0x7f12_0001_0000L, 0x7f12_0002_0000L, 0x7f12_4000_0000L, 0x1_7000_0000L, -1, -4096, Long.MIN_VALUE, 0x8000_8000L};
    private static final String[] KINDS = {"memory", "event", "short", "pipe", "unsealed"};

    /** One as it should be. */
    public static Said well(int request, Payload payload, String... kinds) {
        byte[] bytes = payload.bytes();
        return new Said(request, Master.VERSION | Master.NEED_REPLY, bytes.length, bytes, List.of(kinds));
    }

    /** Whatever the choices say. */
    public static Said next(FuzzInput choices) {
        int request = REQUESTS[choices.small(REQUESTS.length)];
        byte[] payload = payload(request, choices);
        int shape = choices.next();
        String[] kinds = new String[shape % 8 < 5 ? usual(request) : shape % 8 - 4];
        for (int i = 0; i < kinds.length; i++) {
            kinds[i] = KINDS[choices.small(KINDS.length)];
        }
        int flags = Master.VERSION | shape >> 3 & Master.NEED_REPLY | (shape >= 0xf8 ? shape : 0);
        return new Said(request, flags, payload.length + (shape == 0xf7 ? 4 : 0), payload, List.of(kinds));
    }

    private static int usual(int request) {
        return switch (request) {
            case Request.SET_MEM_TABLE -> 2;
            case Request.SET_VRING_KICK, Request.SET_VRING_CALL, Request.SET_VRING_ERR, Request.ADD_MEM_REG, Request.SET_LOG_BASE,
                Request.SET_LOG_FD, Request.SET_INFLIGHT_FD, Request.SET_BACKEND_REQ_FD -> 1;
            default -> 0;
        };
    }

    private static byte[] payload(int request, FuzzInput choices) {
        Payload payload = new Payload();
        String widths = switch (request) {
            case Request.SET_FEATURES, Request.SET_PROTOCOL_FEATURES, Request.SET_VRING_KICK, Request.SET_VRING_CALL,
                Request.SET_VRING_ERR -> "8";
            case Request.SET_VRING_NUM, Request.SET_VRING_BASE, Request.GET_VRING_BASE, Request.SET_VRING_ENABLE -> "44";
            case Request.SET_VRING_ADDR -> "448888";
            case Request.SET_MEM_TABLE -> "4488888888";
            case Request.ADD_MEM_REG, Request.REM_MEM_REG -> "88888";
            case Request.SET_LOG_BASE -> "88";
            case Request.GET_INFLIGHT_FD, Request.SET_INFLIGHT_FD -> "88224";
            case Request.GET_CONFIG, Request.SET_CONFIG -> "4448";
            default -> "";
        };
        for (char width : widths.toCharArray()) {
            payload.add(width - '0', FIGURES[choices.small(FIGURES.length)]);
        }
        return payload.bytes();
    }

    /** As it is on a socket. */
    byte[] bytes() {
        return ByteBuffer.allocate(Header.BYTES + payload.length).order(ByteOrder.LITTLE_ENDIAN)
            .putInt(request).putInt(flags).putInt(size).put(payload).array();
    }
}
