package dev.karst.env.linux.file;

import dev.karst.env.FileOp;

/** Modes of fallocate(2). include/uapi/linux/falloc.h */
final class Fallocate {
    private static final int FALLOC_FL_KEEP_SIZE = 0x01;
    private static final int FALLOC_FL_PUNCH_HOLE = 0x02;
    private static final int FALLOC_FL_ZERO_RANGE = 0x10;

    /** The range reads as zeros and its space is given back. */
    static final int PUNCH = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    /** The range reads as zeros. */
    static final int ZERO = FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE;

    private Fallocate() {}

    /** The mode for the operation on its file. */
    static int mode(FileOp op) {
        boolean punch = op.kind == FileOp.Kind.PUNCH || ((LinuxDataFile) op.file).zeroesByPunch();
        return punch ? PUNCH : ZERO;
    }
}
