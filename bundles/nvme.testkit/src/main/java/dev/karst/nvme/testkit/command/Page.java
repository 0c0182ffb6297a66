package dev.karst.nvme.testkit.command;

import dev.karst.base.Mem;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.LongConsumer;

/** Data structures as bytes. */
public final class Page {
    private Page() {}

    /** So many zeros, in which {@code fill} set fields: it is given their address. */
    public static byte[] of(int bytes, LongConsumer fill) {
        try (Arena arena = Arena.ofConfined()) {
            long address = arena.allocate(bytes, Long.BYTES).address();
            Mem.register(address, bytes);
            fill.accept(address);
            byte[] page = new byte[bytes];
            Mem.get(address, page, 0, bytes);
            Mem.unregister(address);
            return page;
        }
    }

    /** Reads fields of bytes: {@code read} is given the address of a copy. */
    public static void read(byte[] bytes, LongConsumer read) {
        of(bytes.length, address -> {
            Mem.put(address, bytes, 0, bytes.length);
            read.accept(address);
        });
    }

    /** So many zeros, little endian. */
    public static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The bytes, little endian. */
    public static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
