package dev.karst.bdev.passthru;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/**
 * The UUID of a device that stands on another one, the same at every start. RFC 9562, 5.5 (version 5: SHA-1 over a name
 * space and a name); SPDK, module/bdev/passthru/vbdev_passthru.c has the name space, the name is the base's UUID.
 */
final class DerivedUuid {
    private static final UUID NAMESPACE = UUID.fromString("7e25812e-c8c0-4d3f-8599-16d790555b85");
    private static final int BYTES = 16;

    private DerivedUuid() {}

    static UUID of(UUID base) {
        byte[] hash = sha1(ByteBuffer.allocate(2 * BYTES)
            .putLong(NAMESPACE.getMostSignificantBits()).putLong(NAMESPACE.getLeastSignificantBits())
            .putLong(base.getMostSignificantBits()).putLong(base.getLeastSignificantBits()).array());
        hash[6] = (byte) (hash[6] & 0x0f | 0x50);
        hash[8] = (byte) (hash[8] & 0x3f | 0x80);
        ByteBuffer first = ByteBuffer.wrap(hash);
        return new UUID(first.getLong(), first.getLong());
    }

    private static byte[] sha1(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-1", e);
        }
    }
}
