package dev.karst.bdev.nvme;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.Region;
import dev.karst.nvme.NvmeNamespace.Format;
import dev.karst.nvme.NvmeNamespace.Ids;
import dev.karst.nvme.NvmeRequest;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.nvm.CopyRange;
import dev.karst.spec.nvme.nvm.DatasetManagementRange;
import java.util.UUID;

/** A namespace that lies in memory, shared by the controllers of a subsystem. */
final class FakeNamespace {
    static final int BLOCK = 512;
    static final int MOST_BLOCKS = 8192;

    final int nsid;
    final Ids ids;
    final Format format = new Format(BLOCK, 0, false, 0, false, 16);
    volatile long blocks;
    private final Region store;

    FakeNamespace(Environment environment, int nsid, long blocks, String name) throws StorageException {
        this.nsid = nsid;
        this.blocks = blocks;
        ids = new Ids(new UUID(1, nsid), "", "", 0);
        store = environment.memory().named("fake " + name + nsid, (long) MOST_BLOCKS * BLOCK);
    }

    /** Writes what the data holds now, but later. */
    Runnable laterWrite(NvmeRequest request) {
        long first = request.cdw10and11;
        byte[] data = new byte[(int) request.data.bytes()];
        int at = 0;
        for (int i = 0; i < request.data.count(); i++) {
            for (int j = 0; j < request.data.length(i); j++) {
                data[at++] = Mem.getByte(request.data.address(i) + j);
            }
        }
        return () -> {
            for (int i = 0; i < data.length; i++) {
                Mem.setByte(at(first) + i, data[i]);
            }
        };
    }

    /** Does the command; its status. */
    int execute(NvmeRequest request) {
        long first = request.cdw10and11;
        int count = (int) (request.cdw12and13 & 0xffff) + 1;
        switch (request.opcode) {
            case Opcode.NVM_FLUSH -> {
                return 0;
            }
            case Opcode.NVM_DATASET_MANAGEMENT -> {
                return zero(DatasetManagementRange.SLBA.get(request.data.address(0)), DatasetManagementRange.LLB.get(request.data.address(0)));
            }
            case Opcode.NVM_COPY -> {
                return copy(first, CopyRange.SLBA.get(request.data.address(0)), CopyRange.NLB.get(request.data.address(0)) + 1);
            }
            case Opcode.NVM_WRITE_ZEROES -> {
                return zero(first, count);
            }
            default -> {
                return move(request, first, count);
            }
        }
    }

    private int move(NvmeRequest request, long first, int count) {
        long bytes = (long) count * BLOCK;
        if (first < 0 || first + count > blocks || request.data.bytes() != bytes) {
            return NvmeStatus.LBA_OUT_OF_RANGE | NvmeStatus.DNR;
        }
        switch (request.opcode) {
            case Opcode.NVM_READ -> request.data.copyFrom(0, at(first), bytes);
            case Opcode.NVM_WRITE -> request.data.copyTo(0, at(first), bytes);
            case Opcode.NVM_COMPARE -> {
                return request.data.matches(0, at(first), bytes) ? 0 : NvmeStatus.COMPARE_FAILURE;
            }
            default -> {
                return NvmeStatus.INVALID_COMMAND_OPCODE | NvmeStatus.DNR;
            }
        }
        return 0;
    }

    private long at(long block) {
        return store.address() + block * BLOCK;
    }

    private int zero(long first, long count) {
        if (first < 0 || first + count > blocks) {
            return NvmeStatus.LBA_OUT_OF_RANGE | NvmeStatus.DNR;
        }
        Mem.fill(at(first), count * BLOCK, (byte) 0);
        return 0;
    }

    private int copy(long first, long source, int count) {
        Mem.copy(at(source), at(first), (long) count * BLOCK);
        return 0;
    }
}
