package dev.karst.bdev.malloc;

import dev.karst.base.StorageException;
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
import org.osgi.service.component.annotations.Component;

/** Makes block devices in memory: {@code bdev_malloc_create} and {@code bdev_malloc_delete}. */
@Component(immediate = true, service = {BdevModule.class, RpcMethods.class})
public final class MallocModule extends RegisteringModule {
    /** Most bytes that one UNMAP or WRITE_ZEROES fills before the reactor turns to something else. */
    private static final long MAX_FILL_BYTES = 8 << 20;
    private static final String NO_METADATA = "devices with metadata are not made yet";

    private final List<RpcMethod> methods = List.of(
        creates(
            "bdev_malloc_create", "malloc-create", "Creates a block device in memory", MallocModule::make,
            RpcParameter.required("num_blocks", Type.U64, "Number of blocks"),
            RpcParameter.required("block_size", Type.U32, "Bytes in a block, a power of two from 512 to 65536"),
            RpcParameter.optional("name", Type.STRING, "Name of the new block device").initially("Malloc and a number"),
            NEW_UUID,
            RpcParameter.optional("physical_block_size", Type.U32, "Bytes that it says it writes at once")
                .initially("the block size"),
            RpcParameter.optional("optimal_io_boundary", Type.U32, "Kept and without effect: memory has no boundaries")
                .initially("0"),
            RpcParameter.optional("md_size", Type.U32, "Bytes of metadata in a block; only 0 yet").initially("0"),
            RpcParameter.optional("md_interleave", Type.BOOLEAN, "Whether metadata lies with the data; only false yet")
                .initially("false"),
            RpcParameter.optional("dif_type", Type.I32, "Type of protection information; only 0 yet").initially("0"),
            RpcParameter.optional("dif_is_head_of_md", Type.BOOLEAN,
                "Where protection information lies; only false yet")
                .initially("false"),
            RpcParameter.optional("dif_pi_format", Type.U32, "Format of protection information; only 0 yet")
                .initially("0"),
            RpcParameter.optional("numa_id", Type.I32, "Node that the memory is taken from; only -1, any, yet")
                .initially("-1")),
        deletes("bdev_malloc_delete", "malloc-delete", "Deletes a block device in memory and what it holds"));

    /** A module without devices. */
    public MallocModule() {
        super("malloc", "Malloc");
    }

    @Override
    public List<RpcMethod> methods() {
        return methods;
    }

    private static ModuleBdev make(Creation creation) throws StorageException {
        refuseMetadata(creation);
        int blockSize = creation.blockSize(0);
        long blocks = creation.blocks(blockSize);
        Geometry geometry = Geometry.of(creation.name(), creation.uuid(), "Malloc disk", blockSize, blocks)
            .with(creation.physicalBlockSize(blockSize), false, false, true)
            .limited(0, 0, MAX_FILL_BYTES / blockSize, 1);
        Memory memory = creation.host().environment().memory();
        return new MallocBdev(geometry, memory, region(creation, memory, blocks * blockSize));
    }

    private static void refuseMetadata(Creation creation) throws StorageException {
        creation.only("md_size", 0L, NO_METADATA);
        creation.only("md_interleave", false, NO_METADATA);
        creation.only("dif_type", 0L, NO_METADATA);
        creation.only("dif_is_head_of_md", false, NO_METADATA);
        creation.only("dif_pi_format", 0L, NO_METADATA);
        creation.only("numa_id", -1L, "memory is not taken from a node by choice");
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
