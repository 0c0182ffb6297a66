package dev.karst.bdev.nvme.control;

import dev.karst.bdev.IoType;
import dev.karst.bdev.Metadata;
import dev.karst.bdev.ProtectionLayout;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.nvme.io.NamespaceBdev.Abilities;
import dev.karst.nvme.ControllerData;
import dev.karst.nvme.NvmeNamespace;
import dev.karst.nvme.NvmeNamespace.Format;
import dev.karst.spec.nvme.IdentifyController;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** What a namespace is as a block device. */
final class NamespaceShape {
    private static final int NVM = 0;
    private static final int PAGE = 4096;
    private static final long MOST_UNMAPPED = 0xffff_ffffL;
    private static final int LARGEST_FUSED = 65536;

    private NamespaceShape() {}

    /** @param checks which protection information is checked */
    static Geometry geometry(String name, NvmeNamespace namespace, ControllerData data, int checks, boolean pages) {
        Format format = namespace.format();
        Metadata metadata = metadata(format, checks);
        int block = format.bufferBytes();
        NvmeNamespace.Limits limits = namespace.limits();
        int alignment = pages ? alignment(format, data.limits().sgl()) : 1;
        long step = Math.max(1, alignment / block);
        long boundary = limits.boundaryBlocks();
        boolean cuts = Long.bitCount(boundary) == 1 && boundary % step == 0;
        long most = Math.min(limits.maxTransferBlocks(), data.limits().maxTransferBytes() / block);
        long unmapped = Math.min(limits.deallocateBlocks(), MOST_UNMAPPED);
        long copied = Math.min(limits.copyRangeBlocks(), limits.copyBlocks());
        int physical = format.blockSize() * Math.clamp(limits.writeUnitBlocks(), 1, LARGEST_FUSED / format.blockSize());
        return new Geometry(
            name, List.of(), uuid(namespace, data), "NVMe disk", block, metadata.interleaved() ? block : physical,
            namespace.blocks(), new Geometry.Limits(most, 0, unmapped, copied, alignment, cuts ? boundary : 0, 1), metadata,
            limits.writeProtected(), data.limits().volatileCache(), false);
    }

    /** Where there are only PRPs a block must not lie in two pieces of pages. */
    private static int alignment(Format format, boolean sgl) {
        return sgl ? Integer.BYTES : Math.min(PAGE, Integer.lowestOneBit(format.bufferBytes()));
    }

    private static Metadata metadata(Format format, int checks) {
        if (format.metadataBytes() == 0) {
            return Metadata.NONE;
        }
        ProtectionLayout layout = switch (format.guardBits()) {
            case 32 -> ProtectionLayout.GUARD_32;
            case 64 -> ProtectionLayout.GUARD_64;
            default -> ProtectionLayout.GUARD_16;
        };
        int checked = format.protection() == 0 ? 0 : checks;
        return new Metadata(
            format.metadataBytes(), format.extended(), format.protection(), format.protectionFirst(), checked, layout);
    }

    /** What its controller does; nothing that writes where it is zoned, since a writer would have to know. */
    static Abilities abilities(NvmeNamespace namespace, ControllerData data) {
        ControllerData.Limits limits = data.limits();
        Set<IoType> types = EnumSet.of(IoType.READ, IoType.RESET, IoType.ABORT, IoType.NVME_ADMIN, IoType.NVME_IO);
        boolean plain = namespace.format().protection() == 0;
        boolean compares = limits.knows(ControllerData.Limits.COMPARE);
        put(types, IoType.FLUSH, limits.volatileCache());
        put(types, IoType.COMPARE, compares);
        if (namespace.ids().commandSet() == NVM) {
            types.add(IoType.WRITE);
            put(types, IoType.UNMAP, limits.knows(ControllerData.Limits.DATASET_MANAGEMENT));
            put(types, IoType.WRITE_ZEROES, plain && limits.knows(ControllerData.Limits.WRITE_ZEROES));
            put(types, IoType.COMPARE_AND_WRITE, plain && compares && limits.fused());
            boolean copies = namespace.limits().copyRangeBlocks() > 0 && namespace.limits().copyBlocks() > 0;
            put(types, IoType.COPY, plain && copies && limits.knows(ControllerData.Limits.COPY));
        }
        return new Abilities(types, compareAndWriteBlocks(namespace, data), namespace.limits().zeroesBlocks());
    }

    private static void put(Set<IoType> types, IoType type, boolean does) {
        if (does) {
            types.add(type);
        }
    }

    /** ACWU, which counts from 0. */
    private static int compareAndWriteBlocks(NvmeNamespace namespace, ControllerData data) {
        int at = IdentifyController.ACWU.offset();
        int atomic = (data.identify()[at] & 0xff | (data.identify()[at + 1] & 0xff) << 8) + 1;
        int block = namespace.format().bufferBytes() + (namespace.format().extended() ? 0 : namespace.format().metadataBytes());
        return Math.clamp(LARGEST_FUSED / block, 1, atomic);
    }

    /** NGUID, else UUID, else one made of what tells it from all others. */
    static UUID uuid(NvmeNamespace namespace, ControllerData data) {
        String nguid = namespace.ids().nguid();
        if (!nguid.isEmpty()) {
            var bits = new BigInteger(nguid, 16);
            return new UUID(bits.shiftRight(Long.SIZE).longValue(), bits.longValue());
        }
        if (namespace.ids().uuid() != null) {
            return namespace.ids().uuid();
        }
        String names = String.join(" ", data.subsystem(), data.serialNumber(), namespace.ids().eui64(), "" + namespace.nsid());
        return UUID.nameUUIDFromBytes(names.getBytes(StandardCharsets.UTF_8));
    }
}
