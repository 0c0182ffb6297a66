package dev.karst.bdev.malloc;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Metadata;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.Creation;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.RegisteringModule;
import dev.karst.env.Memory;
import dev.karst.env.Region;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** Makes block devices in memory: {@code bdev_malloc_create} and {@code bdev_malloc_delete}. */
@Component(immediate = true, service = {BdevModule.class, RpcMethods.class})
public final class MallocModule extends RegisteringModule {
    /** Most bytes that one UNMAP, WRITE_ZEROES or COPY moves before the reactor turns to something else. */
    private static final long MAX_FILL_BYTES = 8 << 20;

    private final List<RpcMethod> methods = List.of(
        creates(
            "bdev_malloc_create", "malloc-create", "Creates a block device in memory", MallocModule::make,
            RpcParameter.required("num_blocks", Type.U64, "Number of blocks"),
            RpcParameter.required("block_size", Type.U32, "Bytes in a block, a power of two from 512 to 65536; as SPDK saves it, with"
                + " md_size added where metadata is interleaved"),
            RpcParameter.optional("name", Type.STRING, "Name of the new block device").initially("Malloc and a number"),
            NEW_UUID,
            RpcParameter.optional("physical_block_size", Type.U32, "Bytes that it says it writes at once")
                .initially("the block size"),
            RpcParameter.optional("optimal_io_boundary", Type.U32,
                "Blocks, a power of two: I/O is cut at multiples of it; 0 for no cutting").initially("0"),
            RpcParameter.optional("md_size", Type.U32, "Bytes of metadata of a block: 0, 8, 16, 32, 64 or 128")
                .initially("0"),
            RpcParameter.optional("md_interleave", Type.BOOLEAN,
                "Whether metadata follows the data of each block, else it lies apart").initially("false"),
            RpcParameter.optional("dif_type", Type.I32, "Type of T10 protection information, 0 for none to 3")
                .initially("0"),
            RpcParameter.optional("dif_is_head_of_md", Type.BOOLEAN,
                "Whether protection information is the start of the metadata, else its end").initially("false"),
            RpcParameter.optional("dif_pi_format", Type.U32,
                "Format of protection information: 0, 1 or 2 for a guard of 16, 32 or 64 bits").initially("0"),
            RpcParameter.optional("numa_id", Type.I32,
                "Kept and without effect: memory comes from where the system has it").initially("-1")),
        deletes("bdev_malloc_delete", "malloc-delete", "Deletes a block device in memory and what it holds"));

    /** A module without devices. */
    public MallocModule() {
        super("malloc", "Malloc");
    }

    @Override
    public List<RpcMethod> methods() {
        return methods;
    }

    /** What SPDK saves as one block size is interleaved. */
    @Override
    protected Map<String, Object> normal(Map<String, Object> sent) {
        Map<String, Object> normal = Creation.withoutMetadata(sent);
        if (normal != sent) {
            normal.put("md_interleave", true);
        }
        return normal;
    }

    private static ModuleBdev make(Creation creation) throws StorageException {
        Memory memory = creation.host().environment().memory();
        Geometry geometry = geometry(creation);
        var bdev = new MallocBdev(geometry, memory, region(creation, memory, MallocStore.bytes(geometry)));
        if (!creation.restored()) {
            bdev.format();
        }
        return bdev;
    }

    private static Geometry geometry(Creation creation) throws StorageException {
        int dataBytes = creation.blockSize(0);
        Metadata metadata = creation.metadata(creation.call().flag("md_interleave", false));
        int blockSize = dataBytes + (metadata.interleaved() ? metadata.bytes() : 0);
        // The limit of what can be addressed is that of all bytes.
        long blocks = creation.blocks(dataBytes + metadata.bytes());
        int physical = creation.physicalBlockSize(dataBytes) / dataBytes * blockSize;
        var limits = new Geometry.Limits(
            0, 0, MAX_FILL_BYTES / dataBytes, MAX_FILL_BYTES / dataBytes, 1, boundary(creation), 1);
        return Geometry.of(creation.name(), creation.uuid(), "Malloc disk", blockSize, blocks)
            .with(physical, false, false, true).keeping(metadata).limited(limits);
    }

    private static long boundary(Creation creation) throws StorageException {
        long boundary = creation.call().number("optimal_io_boundary", 0);
        if (boundary != 0 && Long.bitCount(boundary) != 1) {
            throw creation.refused(
                Errno.EINVAL, "optimal_io_boundary is " + boundary + ", which is not a power of two; leave it out");
        }
        return boundary;
    }

    /** The device's memory. A new device never sees what a lost one of the same UUID left behind. */
    private static Region region(Creation creation, Memory memory, long bytes) throws StorageException {
        String name = "bdev.malloc/" + creation.uuid();
        if (!creation.restored()) {
            memory.regions().stream().filter(region -> region.name().equals(name)).findAny().ifPresent(memory::free);
        }
        try {
            return memory.named(name, bytes);
        } catch (StorageException e) {
            throw creation.refused(
                -e.code(), bytes + " bytes of memory cannot be had (" + e.getMessage() + "); ask for fewer blocks");
        }
    }
}
