package dev.karst.bdev.module;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Metadata;
import dev.karst.bdev.ProtectionLayout;
import dev.karst.rpc.RpcCall;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * One device in the making, with the checks that modules have in common. A refusal is one line that begins with the
 * system's words for the error number, since clients of SPDK look for them, and goes on with method, device and remedy.
 *
 * @param host of the module
 * @param record what the device is registered with
 * @param call the parameters, checked against the method's description
 * @param restored whether a parked device comes back: what it left behind is its own
 */
public record Creation(BdevHost host, CreationRecord record, RpcCall call, boolean restored) {
    private static final int MIN_BLOCK = 512;
    private static final int MAX_BLOCK = 65536;
    private static final List<Long> METADATA_BYTES = List.of(0L, 8L, 16L, 32L, 64L, 128L);
    private static final int MOST_PROTECTION = 3;

    /** Of the new device. */
    public String name() {
        return record.name();
    }

    /** Of the new device. */
    public UUID uuid() {
        return record.uuid();
    }

    /**
     * The parameter {@code block_size}, or {@code otherwise} when it was not sent.
     *
     * @throws StorageException EINVAL unless it is a power of two from 512 to 65536
     */
    public int blockSize(long otherwise) throws StorageException {
        long size = call.number("block_size", otherwise);
        if (size < MIN_BLOCK || size > MAX_BLOCK || Long.bitCount(size) != 1) {
            throw refused(
                Errno.EINVAL, "block_size is " + size
                    + ", which is not a power of two from 512 to 65536; give 512 or 4096");
        }
        return (int) size;
    }

    /**
     * Parameters of a device whose blocks hold metadata, with the bytes of data as {@code block_size}. SPDK saves data and metadata
     * that follow each other as one block size, such as 4104 for 4096 and an {@code md_size} of 8.
     *
     * @return the same map when that is no such block size
     */
    public static Map<String, Object> withoutMetadata(Map<String, Object> parameters) {
        boolean sizes = parameters.get("block_size") instanceof Long && parameters.get("md_size") instanceof Long;
        long metadata = sizes ? (Long) parameters.get("md_size") : 0;
        long data = sizes ? (Long) parameters.get("block_size") - metadata : 0;
        if (metadata == 0 || !METADATA_BYTES.contains(metadata) || data < MIN_BLOCK || Long.bitCount(data) != 1) {
            return parameters;
        }
        Map<String, Object> without = new LinkedHashMap<>(parameters);
        without.put("block_size", data);
        return without;
    }

    /**
     * The parameter {@code num_blocks}.
     *
     * @throws StorageException EINVAL when it is 0 or more bytes than can be addressed
     */
    public long blocks(int blockSize) throws StorageException {
        long blocks = call.number("num_blocks");
        if (blocks == 0 || blocks > Long.MAX_VALUE / blockSize) {
            long most = Long.MAX_VALUE / blockSize;
            throw refused(Errno.EINVAL, "num_blocks is " + blocks + ", which is not from 1 to " + most);
        }
        return blocks;
    }

    /**
     * The parameter {@code physical_block_size}, or the block size when it was not sent or is 0.
     *
     * @throws StorageException EINVAL unless it is a power of two and not below the block size
     */
    public int physicalBlockSize(int blockSize) throws StorageException {
        long size = call.number("physical_block_size", 0);
        if (size == 0) {
            return blockSize;
        }
        if (size < blockSize || size > 1 << 30 || Long.bitCount(size) != 1) {
            throw refused(
                Errno.EINVAL, "physical_block_size is " + size + ", which is not a power of two from the block size "
                    + blockSize + " up; leave it out or give " + blockSize);
        }
        return (int) size;
    }

    /**
     * The parameters {@code md_size}, {@code dif_type}, {@code dif_is_head_of_md} and {@code dif_pi_format}, for devices
     * whose blocks hold metadata.
     *
     * @param interleaved whether it follows the data of each block
     * @throws StorageException EINVAL when the size is not one of those that SPDK takes, the type or format is unknown or
     *     has no room
     */
    public Metadata metadata(boolean interleaved) throws StorageException {
        long bytes = call.number("md_size", 0);
        long type = call.number("dif_type", 0);
        if (!METADATA_BYTES.contains(bytes)) {
            throw refused(Errno.EINVAL, "md_size is " + bytes + "; give one of " + METADATA_BYTES);
        }
        if (type < 0 || type > MOST_PROTECTION) {
            throw refused(Errno.EINVAL, "dif_type is " + type + ", which is not from 0 to 3; give 0 for no protection");
        }
        ProtectionLayout layout = layout();
        if (type != 0 && bytes < layout.bytes) {
            throw refused(Errno.EINVAL, "dif_type is " + type + " and md_size is " + bytes + "; give an md_size of "
                + layout.bytes + " or more");
        }
        if (bytes == 0) {
            return Metadata.NONE;
        }
        // Nothing says what application tag to expect, so that is never checked.
        int checks = switch ((int) type) {
            case 0 -> 0;
            case MOST_PROTECTION -> Metadata.GUARD;
            default -> Metadata.GUARD | Metadata.REFERENCE_TAG;
        };
        boolean atStart = type != 0 && call.flag("dif_is_head_of_md", false);
        return new Metadata((int) bytes, interleaved, (int) type, atStart, checks, layout);
    }

    private ProtectionLayout layout() throws StorageException {
        long format = call.number("dif_pi_format", 0);
        ProtectionLayout[] layouts = ProtectionLayout.values();
        if (format >= layouts.length) {
            throw refused(Errno.EINVAL, "dif_pi_format is " + format
                + "; give 0, 1 or 2, for a guard of 16, 32 or 64 bits");
        }
        return layouts[(int) format];
    }

    /**
     * Refuses what is not done yet.
     *
     * @throws StorageException EOPNOTSUPP when {@code parameter} was sent with anything but {@code neutral}
     */
    public void only(String parameter, Object neutral, String why) throws StorageException {
        Object sent = call.parameters().get(parameter);
        if (sent != null && !sent.equals(neutral)) {
            throw refused(
                Errno.EOPNOTSUPP, parameter + " is " + sent + ", but " + why + "; leave it out or give " + neutral);
        }
    }

    /** What to throw when this device cannot be made. */
    public StorageException refused(int errno, String why) {
        return StorageException.failure(errno, record.method() + " " + name() + ": " + why);
    }
}
