package dev.karst.env.linux.file;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.StorageException;
import dev.karst.env.FileOp;
import dev.karst.env.FileRing;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;

/** What both rings have: a slot for each operation in flight, with room for its struct iovec. */
@ReactorConfined
abstract class SlottedRing extends FileRing {
    private static final int IOVEC_BYTES = 16;
    /** include/uapi/asm-generic/mman.h */
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;

    /** For calls of the reactor's thread. */
    protected final Kernel kernel = Kernel.open();

    private final FileOp[] ops;
    private final int[] free;
    private final long vectors;
    private final long vectorBytes;
    private int freeCount;
    private boolean closed;

    SlottedRing(int depth) throws StorageException {
        ops = new FileOp[depth];
        free = new int[depth];
        while (freeCount < depth) {
            free[freeCount] = depth - 1 - freeCount++;
        }
        vectorBytes = (long) depth * MAX_SEGMENTS * IOVEC_BYTES;
        vectors = kernel.map(vectorBytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
        if (vectors < 0) {
            kernel.close();
            throw Failure.of(vectors, "open a file ring for " + depth + " operations");
        }
        Mem.register(vectors, vectorBytes);
    }

    /** Gives the operation a slot; false when all are taken. */
    protected final boolean enter(FileOp op) {
        if (freeCount == 0) {
            return false;
        }
        op.slot = free[--freeCount];
        ops[op.slot] = op;
        return true;
    }

    /** Frees the slot and tells the owner, who may submit again at once. */
    protected final void leave(FileOp op, int result) {
        ops[op.slot] = null;
        free[freeCount++] = op.slot;
        op.completed(result);
    }

    /** The operation in a slot, or null. */
    protected final FileOp at(int slot) {
        return ops[slot];
    }

    /** Whether the operation is in flight here. */
    protected final boolean holds(FileOp op) {
        return op.slot >= 0 && op.slot < ops.length && ops[op.slot] == op;
    }

    /** Where the operation's data is described as struct iovec. */
    protected final long vectorOf(FileOp op) {
        return vectors + (long) op.slot * MAX_SEGMENTS * IOVEC_BYTES;
    }

    /** Describes the operation's data there. */
    protected final long vector(FileOp op) {
        IoVector data = op.data;
        long at = vectorOf(op);
        assert data.count() <= MAX_SEGMENTS : "more pairs than a ring takes";
        for (int i = 0; i < data.count(); i++) {
            assert !Mem.CHECKED || Mem.isRegistered(data.address(i), data.length(i)) : "memory that is not registered";
            Mem.setLong(at + (long) i * IOVEC_BYTES, data.address(i));
            Mem.setLong(at + (long) i * IOVEC_BYTES + Long.BYTES, data.length(i));
        }
        return at;
    }

    @Override
    public int inFlight() {
        return ops.length - freeCount;
    }

    @Override
    public void close() {
        assert inFlight() == 0 : "a ring was closed with operations in flight";
        if (!closed) {
            closed = true;
            shut();
            Mem.unregister(vectors);
            kernel.call(Syscall.MUNMAP, vectors, vectorBytes, 0);
            kernel.close();
        }
    }

    /** Closes what the ring has beside the slots; once. */
    protected abstract void shut();
}
