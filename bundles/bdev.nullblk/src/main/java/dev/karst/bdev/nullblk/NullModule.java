package dev.karst.bdev.nullblk;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Metadata;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.Creation;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.RegisteringModule;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.service.component.annotations.Component;

/**
 * Makes block devices that keep nothing: {@code bdev_null_create}, {@code bdev_null_delete} and {@code bdev_null_resize}.
 */
@Component(immediate = true, service = {BdevModule.class, RpcMethods.class})
public final class NullModule extends RegisteringModule {
    private static final String NO_HINTS = "hints on sizes and alignments are not passed on yet";

    /** The devices that are there, for resizing. */
    private final Map<String, NullBdev> bdevs = new ConcurrentHashMap<>();

    private final List<RpcMethod> methods = List.of(
        creates(
            "bdev_null_create", "null-create", "Creates a block device that keeps nothing and reads as zeros", this::make,
            NEW_NAME,
            RpcParameter.required("num_blocks", Type.U64, "Number of blocks"),
            RpcParameter.required("block_size", Type.U32, "Bytes in a block, a power of two from 512 to 65536"),
            NEW_UUID,
            RpcParameter.optional("physical_block_size", Type.U32, "Bytes that it says it writes at once")
                .initially("the block size"),
            RpcParameter.optional("md_size", Type.U32,
                "Bytes of metadata behind the data of each block: 0, 8, 16, 32, 64 or 128").initially("0"),
            RpcParameter.optional("dif_type", Type.I32, "Type of T10 protection information, 0 for none to 3")
                .initially("0"),
            RpcParameter.optional("dif_is_head_of_md", Type.BOOLEAN,
                "Whether protection information is the start of the metadata, else its end").initially("false"),
            RpcParameter.optional("dif_pi_format", Type.U32,
                "Format of protection information: 0, 1 or 2 for a guard of 16, 32 or 64 bits").initially("0"),
            RpcParameter.optional(NullBdev.READ_ZEROES, Type.BOOLEAN,
                "Whether a read fills memory that is the reader's own with zeros; if not, what lay in a guest's memory stays there")
                .initially("true"),
            neutral("preferred_write_granularity", Type.U32, "Blocks that writes should be multiples of"),
            neutral("preferred_write_alignment", Type.U32, "Blocks that writes should begin at multiples of"),
            neutral("optimal_write_size", Type.U32, "Blocks that a write should have"),
            neutral("preferred_unmap_granularity", Type.U32, "Blocks that unmaps should be multiples of"),
            neutral("preferred_unmap_alignment", Type.U32, "Blocks that unmaps should begin at multiples of")),
        deletes("bdev_null_delete", "null-delete", "Deletes a block device that keeps nothing"),
        RpcMethod.named("bdev_null_resize", SCOPE, "null-resize", "Gives a block device that keeps nothing another size")
            .takes(NAME, RpcParameter.required("new_size", Type.U64, "New size in MiB")).saved().does(this::resize));

    /** A module without devices. */
    public NullModule() {
        super("null", null);
    }

    @Override
    public List<RpcMethod> methods() {
        return methods;
    }

    @Override
    protected Map<String, Object> normal(Map<String, Object> sent) {
        return Creation.withoutMetadata(sent);
    }

    private static RpcParameter neutral(String name, Type type, String doc) {
        return RpcParameter.optional(name, type, doc + "; only 0 yet").initially("0");
    }

    private ModuleBdev make(Creation creation) throws StorageException {
        refuseHints(creation);
        int dataBytes = creation.blockSize(0);
        Metadata metadata = creation.metadata(true);
        int blockSize = dataBytes + metadata.bytes();
        int physical = creation.physicalBlockSize(dataBytes) / dataBytes * blockSize;
        Geometry geometry =
            Geometry.of(creation.name(), creation.uuid(), "Null disk", blockSize, creation.blocks(blockSize))
                .with(physical, false, false, true).keeping(metadata);
        var bdev = new NullBdev(geometry, creation.record(), bdevs);
        bdevs.put(creation.name(), bdev);
        return bdev;
    }

    private static void refuseHints(Creation creation) throws StorageException {
        for (String parameter : List.of(
            "preferred_write_granularity", "preferred_write_alignment", "optimal_write_size",
            "preferred_unmap_granularity", "preferred_unmap_alignment")) {
            creation.only(parameter, 0L, NO_HINTS);
        }
    }

    private Object resize(RpcCall call) throws StorageException {
        String name = call.string("name");
        NullBdev bdev = bdevs.get(name);
        if (bdev == null) {
            throw StorageException.failure(
                Errno.ENODEV, "bdev_null_resize: there is no null block device " + name + "; bdev_get_bdevs lists all");
        }
        long mebibytes = call.number("new_size");
        if (mebibytes == 0 || mebibytes > Long.MAX_VALUE >> 20) {
            throw StorageException.failure(
                Errno.EINVAL, "bdev_null_resize " + name + ": new_size is " + mebibytes + ", which is no size in MiB");
        }
        long blocks = (mebibytes << 20) / bdev.geometry().blockSize();
        host().resized(name, blocks, bdev.resized(blocks));
        return true;
    }

    /** The record that makes the device with this many blocks. */
    static CreationRecord withBlocks(CreationRecord record, long blocks) {
        Map<String, Object> parameters = new LinkedHashMap<>(record.parameters());
        parameters.put("num_blocks", blocks);
        return new CreationRecord(record.method(), Collections.unmodifiableMap(parameters), record.name(), record.uuid());
    }
}
