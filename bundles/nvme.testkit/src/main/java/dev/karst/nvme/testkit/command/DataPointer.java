package dev.karst.nvme.testkit.command;

import dev.karst.spec.nvme.DataTransfer;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Sqe;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Moves the data of commands, as their PRPs or SGLs say, and says what is wrong with those. NVMe Base 2.1, 4.3. */
public final class DataPointer {
    /** What SGLs a controller takes. */
    public enum Sgl {
        NONE, DWORD_ALIGNED, ANY
    }

    private static final int PAGE = 4096;
    private static final int ENTRY = 8;
    private static final int DESCRIPTOR = 16;
    private static final int MOST_SEGMENTS = 64;
    private static final int DWORD_MASK = 3;

    /** A piece of memory; a bit bucket has no memory. */
    private record Piece(long iova, int bytes, boolean bucket) {}

    private final HostMemory memory;
    private final Sgl sgl;
    private final List<Piece> pieces = new ArrayList<>();
    private long described;
    private boolean toController;

    public DataPointer(HostMemory memory, Sgl sgl) {
        this.memory = memory;
        this.sgl = sgl;
    }

    /** Reads all of the command's data from the host; its status. */
    public int fromHost(SimCommand command, byte[] target) {
        int status = describe(command, target.length);
        return status == 0 ? move(target, true) : status;
    }

    /** Writes all of the command's data to the host; its status. */
    public int toHost(SimCommand command, byte[] source) {
        int status = describe(command, source.length);
        return status == 0 ? move(source, false) : status;
    }

    /** Reads the command's separate metadata from the host; its status. */
    public int metadataFromHost(SimCommand command, byte[] target) {
        int status = describeMetadata(command, target.length);
        return status == 0 ? move(target, true) : status;
    }

    /** Writes the command's separate metadata to the host; its status. */
    public int metadataToHost(SimCommand command, byte[] source) {
        int status = describeMetadata(command, source.length);
        return status == 0 ? move(source, false) : status;
    }

    private int move(byte[] bytes, boolean toController) {
        int done = 0;
        for (Piece piece : pieces) {
            boolean moved = piece.bucket
                || (toController ? memory.read(piece.iova, bytes, done, piece.bytes) : memory.write(piece.iova, bytes, done,
                    piece.bytes));
            if (!moved) {
                return NvmeStatus.DATA_TRANSFER_ERROR;
            }
            done += piece.bytes;
        }
        return 0;
    }

    private int describe(SimCommand command, int bytes) {
        pieces.clear();
        described = 0;
        toController = DataTransfer.direction(command.sqe) == DataTransfer.TO_CONTROLLER;
        int psdt = Sqe.PSDT.get(command.sqe);
        if (psdt == 0) {
            return bytes == 0 ? 0 : prps(Sqe.SGL1_ADDRESS.get(command.sqe), command.prp2(), bytes);
        }
        if (psdt > Sqe.PSDT_SGL_METADATA || sgl == Sgl.NONE || command.isAdmin()) {
            return NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
        }
        ByteBuffer inline = ByteBuffer.allocate(DESCRIPTOR).order(ByteOrder.LITTLE_ENDIAN);
        inline.putLong(Sqe.SGL1_ADDRESS.get(command.sqe)).putLong(command.prp2()).flip();
        int status = sgls(inline);
        return status == 0 && described != bytes ? NvmeStatus.DATA_SGL_LENGTH_INVALID | NvmeStatus.DNR : status;
    }

    private int describeMetadata(SimCommand command, int bytes) {
        pieces.clear();
        described = 0;
        long mptr = Sqe.MPTR.get(command.sqe);
        if (Sqe.PSDT.get(command.sqe) != Sqe.PSDT_SGL_METADATA) {
            if ((mptr & DWORD_MASK) != 0) {
                return NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
            }
            pieces.add(new Piece(mptr, bytes, false));
            return 0;
        }
        ByteBuffer descriptor = fetch(mptr, DESCRIPTOR);
        if (descriptor == null) {
            return NvmeStatus.DATA_TRANSFER_ERROR;
        }
        int status = sgls(descriptor);
        return status == 0 && described != bytes ? NvmeStatus.METADATA_SGL_LENGTH_INVALID | NvmeStatus.DNR : status;
    }

    private int prps(long prp1, long prp2, int bytes) {
        if ((prp1 & DWORD_MASK) != 0) {
            return NvmeStatus.PRP_OFFSET_INVALID | NvmeStatus.DNR;
        }
        int first = (int) Math.min(bytes, PAGE - prp1 % PAGE);
        pieces.add(new Piece(prp1, first, false));
        int left = bytes - first;
        if (left == 0) {
            return 0;
        }
        return left <= PAGE ? page(prp2, left) : prpList(prp2, left);
    }

    private int page(long prp, int bytes) {
        if (prp % PAGE != 0) {
            return NvmeStatus.PRP_OFFSET_INVALID | NvmeStatus.DNR;
        }
        pieces.add(new Piece(prp, bytes, false));
        return 0;
    }

    private int prpList(long from, int bytes) {
        long list = from;
        int left = bytes;
        while (left > 0) {
            if (list % ENTRY != 0) {
                return NvmeStatus.PRP_OFFSET_INVALID | NvmeStatus.DNR;
            }
            int room = (int) (PAGE - list % PAGE) / ENTRY;
            int wanted = (left + PAGE - 1) / PAGE;
            ByteBuffer entries = fetch(list, Math.min(room, wanted) * ENTRY);
            if (entries == null) {
                return NvmeStatus.DATA_TRANSFER_ERROR;
            }
            int here = wanted <= room ? wanted : room - 1;
            for (int i = 0; i < here; i++) {
                int part = Math.min(left, PAGE);
                int status = page(entries.getLong(), part);
                if (status != 0) {
                    return status;
                }
                left -= part;
            }
            list = left > 0 ? entries.getLong() : 0;
        }
        return 0;
    }

    private int sgls(ByteBuffer inline) {
        ByteBuffer segment = inline;
        boolean last = false;
        for (int segments = 0; segments < MOST_SEGMENTS; segments++) {
            while (segment.remaining() > DESCRIPTOR) {
                int status = data(segment);
                if (status != 0) {
                    return status;
                }
            }
            int type = segment.get(segment.position() + DESCRIPTOR - 1) >> 4 & 0xf;
            boolean chains = type == Sqe.SGL_SEGMENT || type == Sqe.SGL_LAST_SEGMENT;
            if (!chains) {
                return segments > 0 && !last ? NvmeStatus.INVALID_SGL_SEGMENT_DESCRIPTOR | NvmeStatus.DNR : data(segment);
            }
            long address = segment.getLong();
            int bytes = segment.getInt();
            if (last || bytes <= 0 || bytes % DESCRIPTOR != 0 || segment.getInt() >>> 24 != type << 4) {
                return NvmeStatus.INVALID_SGL_SEGMENT_DESCRIPTOR | NvmeStatus.DNR;
            }
            last = type == Sqe.SGL_LAST_SEGMENT;
            segment = fetch(address, bytes);
            if (segment == null) {
                return NvmeStatus.DATA_TRANSFER_ERROR;
            }
        }
        return NvmeStatus.INVALID_NUMBER_OF_SGL_DESCRIPTORS | NvmeStatus.DNR;
    }

    /** Takes a descriptor that must be one of data. */
    private int data(ByteBuffer segment) {
        long address = segment.getLong();
        int bytes = segment.getInt();
        int kind = segment.getInt() >>> 24;
        if (kind != Sqe.SGL_DATA_BLOCK << 4 && kind != Sqe.SGL_BIT_BUCKET << 4) {
            boolean segments = kind >> 4 == Sqe.SGL_SEGMENT || kind >> 4 == Sqe.SGL_LAST_SEGMENT;
            return (segments ? NvmeStatus.INVALID_SGL_SEGMENT_DESCRIPTOR
                : NvmeStatus.SGL_DESCRIPTOR_TYPE_INVALID) | NvmeStatus.DNR;
        }
        if (bytes < 0) {
            return NvmeStatus.DATA_SGL_LENGTH_INVALID | NvmeStatus.DNR;
        }
        if (sgl == Sgl.DWORD_ALIGNED && ((address | bytes) & DWORD_MASK) != 0) {
            return NvmeStatus.SGL_DATA_BLOCK_GRANULARITY_INVALID | NvmeStatus.DNR;
        }
        boolean ignored = kind != 0 && toController;
        if (bytes > 0 && !ignored) {
            pieces.add(new Piece(address, bytes, kind != 0));
            described += bytes;
        }
        return 0;
    }

    private ByteBuffer fetch(long iova, int bytes) {
        byte[] fetched = new byte[bytes];
        return memory.read(iova, fetched, 0, bytes) ? ByteBuffer.wrap(fetched).order(ByteOrder.LITTLE_ENDIAN) : null;
    }
}
