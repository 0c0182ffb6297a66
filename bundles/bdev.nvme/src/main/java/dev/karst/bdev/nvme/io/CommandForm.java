package dev.karst.bdev.nvme.io;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.Metadata;
import dev.karst.bdev.module.Geometry;
import dev.karst.spec.nvme.NvmCommand;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvme.nvm.CopyRange;
import dev.karst.spec.nvme.nvm.DatasetManagementRange;

/** Writes I/Os down as commands of the NVM command set. NVM Command Set 1.1, 3.2 and 3.3. */
@ReactorConfined
final class CommandForm {
    /** NLB has 16 bits and counts from 0. */
    static final int MOST_BLOCKS = 65536;

    private static final long DEALLOCATE = 4L << 32;
    private static final int PRINFO_SHIFT = 26;
    private static final long LOW_HALF = 0xffff_ffffL;

    private final Metadata metadata;
    private final int blockSize;
    private final long zeroesBlocks;

    /** @param zeroesBlocks most blocks of a Write Zeroes */
    CommandForm(Geometry geometry, long zeroesBlocks) {
        this.zeroesBlocks = zeroesBlocks;
        metadata = geometry.metadata();
        blockSize = geometry.blockSize();
    }

    /** Bytes of a block in memory. */
    int blockSize() {
        return blockSize;
    }

    /**
     * Writes the command for what of the I/O is not done yet, as much as one can do and at most so many blocks.
     *
     * @return {@link Status#OK}, or {@link Status#INVALID} for data whose metadata is not there
     */
    int write(NvmeOp op, int nsid, long most) {
        BdevIo io = op.io;
        return switch (io.type) {
            case READ -> range(op, Opcode.NVM_READ, nsid, most);
            case WRITE -> range(op, Opcode.NVM_WRITE, nsid, most);
            case COMPARE -> range(op, Opcode.NVM_COMPARE, nsid, most);
            case WRITE_ZEROES -> range(op, Opcode.NVM_WRITE_ZEROES, nsid, Math.min(most, zeroesBlocks));
            case FLUSH -> {
                op.command(Opcode.NVM_FLUSH, nsid);
                yield Status.OK;
            }
            case UNMAP -> unmap(op, nsid);
            case COPY -> copy(op, nsid);
            case NVME_ADMIN -> raw(op, Sqe.NSID.getInt(io.sqe));
            case NVME_IO -> raw(op, nsid);
            default -> Status.NOT_SUPPORTED;
        };
    }

    /** Writes both commands of a COMPARE_AND_WRITE, to the first and its second. */
    int writeFused(NvmeOp first, int nsid) {
        BdevIo io = first.io;
        NvmeOp second = first.second;
        first.piece = io.blocks;
        second.piece = io.blocks;
        first.command(Opcode.NVM_COMPARE, nsid).range(io.offsetBlocks, (int) io.blocks);
        second.command(Opcode.NVM_WRITE, nsid).range(io.offsetBlocks, (int) io.blocks);
        first.fuse = Sqe.FUSE_FIRST;
        second.fuse = Sqe.FUSE_SECOND;
        first.data.slice(io.compare, 0, io.compare.bytes());
        second.data.slice(io.data, 0, io.data.bytes());
        return Status.OK;
    }

    private int range(NvmeOp op, int opcode, int nsid, long most) {
        BdevIo io = op.io;
        long first = io.offsetBlocks + op.done;
        int blocks = (int) Math.min(Math.min(io.blocks - op.done, most), MOST_BLOCKS);
        op.piece = blocks;
        op.command(opcode, nsid).range(first, blocks);
        if (io.type.hasData()) {
            op.data.slice(io.data, op.done * blockSize, (long) blocks * blockSize);
            if (metadata.bytes() > 0) {
                return metadata(op, first, blocks);
            }
        }
        return Status.OK;
    }

    private int metadata(NvmeOp op, long first, int blocks) {
        BdevIo io = op.io;
        if (!metadata.interleaved()) {
            if (io.metadata == 0) {
                return Status.INVALID;
            }
            op.metadata = io.metadata + op.done * metadata.bytes();
            op.metadataBytes = blocks * metadata.bytes();
        }
        if (metadata.protection() != 0) {
            protect(op, first);
        }
        return Status.OK;
    }

    private void protect(NvmeOp op, long first) {
        BdevIo io = op.io;
        int checks = metadata.checks() & ~io.uncheckedProtection;
        int information = (checks & Metadata.GUARD) != 0 ? NvmCommand.PRCHK_GUARD : 0;
        if ((checks & Metadata.REFERENCE_TAG) != 0 && metadata.protection() != 3) {
            information |= NvmCommand.PRCHK_REFERENCE;
        }
        if (io.applicationTagMask != 0) {
            information |= NvmCommand.PRCHK_APPLICATION;
        }
        long tag = io.applicationTag & 0xffffL | (io.applicationTagMask & 0xffffL) << 16;
        long reference = first & metadata.layout().referenceMask;
        op.cdw12and13 |= (long) information << PRINFO_SHIFT;
        op.cdw14and15 = reference & LOW_HALF | tag << 32;
        op.cdw2and3 = reference & ~LOW_HALF;
    }

    private static int unmap(NvmeOp op, int nsid) {
        op.piece = op.io.blocks;
        DatasetManagementRange.CATTR.set(op.scratch, 0);
        DatasetManagementRange.LLB.set(op.scratch, op.io.blocks);
        DatasetManagementRange.SLBA.set(op.scratch, op.io.offsetBlocks);
        op.command(Opcode.NVM_DATASET_MANAGEMENT, nsid);
        op.cdw10and11 = DEALLOCATE;
        op.data.set(op.scratch, DatasetManagementRange.BYTES);
        return Status.OK;
    }

    private static int copy(NvmeOp op, int nsid) {
        BdevIo io = op.io;
        op.piece = io.blocks;
        Mem.fill(op.scratch, CopyRange.BYTES, (byte) 0);
        CopyRange.SLBA.set(op.scratch, io.sourceBlock);
        CopyRange.NLB.set(op.scratch, (int) io.blocks - 1);
        op.command(Opcode.NVM_COPY, nsid);
        op.cdw10and11 = io.offsetBlocks;
        op.data.set(op.scratch, CopyRange.BYTES);
        return Status.OK;
    }

    private int raw(NvmeOp op, int nsid) {
        BdevIo io = op.io;
        op.command(Sqe.OPC.get(io.sqe), nsid);
        op.cdw2and3 = Mem.getLong(io.sqe + 8);
        op.cdw10and11 = Mem.getLong(io.sqe + 40);
        op.cdw12and13 = Mem.getLong(io.sqe + 48);
        op.cdw14and15 = Mem.getLong(io.sqe + 56);
        op.data.slice(io.data, 0, io.data.bytes());
        boolean blocks = op.opcode == Opcode.NVM_WRITE || op.opcode == Opcode.NVM_READ || op.opcode == Opcode.NVM_COMPARE;
        if (io.type == IoType.NVME_IO && blocks && io.metadata != 0) {
            op.metadata = io.metadata;
            op.metadataBytes = ((int) (op.cdw12and13 & 0xffff) + 1) * metadata.bytes();
        }
        return Status.OK;
    }
}
