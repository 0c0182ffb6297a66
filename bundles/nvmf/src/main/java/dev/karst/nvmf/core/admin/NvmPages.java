package dev.karst.nvmf.core.admin;

import dev.karst.base.Struct;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.Metadata;
import dev.karst.bdev.ProtectionLayout;
import dev.karst.nvmf.core.model.CopyLimits;
import dev.karst.nvmf.core.model.Namespace;
import dev.karst.nvmf.core.model.SizeLimits;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.spec.nvme.IdentifyController;
import dev.karst.spec.nvme.IdentifyNamespace;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.nvm.IdentifyNvmController;
import dev.karst.spec.nvme.nvm.IdentifyNvmNamespace;

/** What Identify says of the NVM command set. NVM Command Set 1.1, 4.1.5. */
final class NvmPages {
    private static final int ONCS_COMPARE = 0x0001;
    private static final int ONCS_DSM = 0x0004;
    private static final int ONCS_WRITE_ZEROES = 0x0008;
    private static final int ONCS_RESERVATIONS = 0x0020;
    private static final int ONCS_VERIFY = 0x0080;
    private static final int ONCS_COPY = 0x0100;
    private static final int FUSES_COMPARE_AND_WRITE = 1;
    private static final int CDFS_FORMATS_0_AND_1 = 3;
    private static final int ATOMICS_GIVEN = 0x02;
    private static final int GRANULARITIES_GIVEN = 0x10;
    private static final int READS_ZEROES = 1;
    private static final int WRITE_ZEROES_DEALLOCATES = 0x08;
    private static final int FLBAS_EXTENDED = 0x10;
    private static final int MC_EXTENDED = 1;
    private static final int DPC_TYPE_1 = 1;
    private static final int DPC_FIRST = 0x08;
    private static final int DPC_LAST = 0x10;
    private static final int DPS_FIRST = 0x08;
    private static final int FIELD_MAX = 0xffff;
    private static final Struct.U16le[] GRANULARITIES = {
        IdentifyNamespace.NPWG, IdentifyNamespace.NPWA, IdentifyNamespace.NPDG, IdentifyNamespace.NPDA,
        IdentifyNamespace.NOWS
    };

    private NvmPages() {}

    /** Of Identify Controller: which commands there are. AWUN, AWUPF and ACWU stay at 0, one block. */
    static void controller(long page) {
        IdentifyController.ONCS.set(page,
            ONCS_COMPARE | ONCS_DSM | ONCS_WRITE_ZEROES | ONCS_RESERVATIONS | ONCS_VERIFY | ONCS_COPY);
        IdentifyController.FUSES.set(page, FUSES_COMPARE_AND_WRITE);
        IdentifyController.CDFS.set(page, CDFS_FORMATS_0_AND_1);
    }

    /** How much one command may cover. */
    static int commandSetController(long page, Subsystem subsystem) {
        SizeLimits limits = subsystem.spec.limits();
        IdentifyNvmController.WZSL.set(page, limits.wzsl());
        IdentifyNvmController.DMRSL.set(page, limits.dmrsl());
        return NvmeStatus.SUCCESSFUL_COMPLETION;
    }

    /** A namespace. */
    static void namespace(long page, Namespace namespace) {
        Bdev bdev = namespace.bdev();
        long blocks = namespace.blocks();
        IdentifyNamespace.NSZE.set(page, blocks);
        IdentifyNamespace.NCAP.set(page, blocks);
        IdentifyNamespace.NUSE.set(page, blocks);
        IdentifyNamespace.NMIC.set(page, IdentifyPages.SHARED);
        IdentifyNamespace.RESCAP.set(page, IdentifyPages.reservations(namespace));
        IdentifyNamespace.DLFEAT.set(page, bdev.unmapReadsZeroes() ? READS_ZEROES | WRITE_ZEROES_DEALLOCATES : 0);
        IdentifyNamespace.NSATTR.set(page, bdev.readOnly() ? IdentifyPages.WRITE_PROTECTED : 0);
        IdentifyNamespace.ANAGRPID.set(page, IdentifyPages.reportedGroup(namespace));
        IdentifyNamespace.NGUID.set(page, namespace.nguid());
        IdentifyNamespace.EUI64.set(page, namespace.eui64());
        IdentifyNamespace.LBAF0_LBADS.set(page, Integer.numberOfTrailingZeros(bdev.dataBlockSize()));
        metadata(page, namespace.metadata());
        hints(page, bdev);
        copy(page);
    }

    /** Metadata follows the data of each block. There is one format, so what it has is all that there is. */
    private static void metadata(long page, Metadata metadata) {
        if (metadata.bytes() > 0) {
            IdentifyNamespace.FLBAS.set(page, FLBAS_EXTENDED);
            IdentifyNamespace.MC.set(page, MC_EXTENDED);
            IdentifyNamespace.LBAF0_MS.set(page, metadata.bytes());
        }
        if (metadata.protection() > 0) {
            int type = metadata.protection();
            IdentifyNamespace.DPC.set(page, DPC_TYPE_1 << type - 1 | (metadata.atStart() ? DPC_FIRST : DPC_LAST));
            IdentifyNamespace.DPS.set(page, type | (metadata.atStart() ? DPS_FIRST : 0));
        }
    }

    /** Sizes and boundaries of good or of atomic I/O. */
    private static void hints(long page, Bdev bdev) {
        long ratio = Math.max(bdev.physicalBlockSize() / bdev.blockSize(), bdev.writeUnitBlocks());
        if (ratio > 1) {
            for (Struct.U16le granularity : GRANULARITIES) {
                granularity.set(page, (int) Math.min(ratio - 1, FIELD_MAX));
            }
        }
        IdentifyNamespace.NSFEAT.set(page, ATOMICS_GIVEN | (ratio > 1 ? GRANULARITIES_GIVEN : 0));
        IdentifyNamespace.NACWU.set(page, (int) SizeLimits.maxCompareAndWriteBlocks(bdev.dataBlockSize()) - 1);
        long boundary = bdev.optimalBoundaryBlocks();
        IdentifyNamespace.NOIOB.set(page, boundary <= FIELD_MAX ? (int) boundary : 0);
    }

    private static void copy(long page) {
        IdentifyNamespace.MSSRL.set(page, CopyLimits.MAX_RANGE_BLOCKS);
        IdentifyNamespace.MCL.set(page, CopyLimits.MAX_BLOCKS);
        IdentifyNamespace.MSRC.set(page, CopyLimits.MAX_RANGES - 1);
    }

    /** How protection information lies in metadata. No bit of a storage tag is ever checked, so LBSTM stays 0. */
    static void commandSetNamespace(long page, Namespace namespace) {
        ProtectionLayout layout = namespace.metadata().layout();
        IdentifyNvmNamespace.ELBAF0_PIF.set(page, layout.ordinal());
        IdentifyNvmNamespace.ELBAF0_STS.set(page, layout.storageBits);
    }
}
