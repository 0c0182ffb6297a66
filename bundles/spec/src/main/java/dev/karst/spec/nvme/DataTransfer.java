package dev.karst.spec.nvme;

/**
 * Which way the data of a command goes: bits 1:0 of its opcode or, for Fabrics, of its FCTYPE. NVMe Base 2.1, 4.1 and
 * 6.
 */
public final class DataTransfer {
    /** 00b: no data. */
    public static final int NONE = 0;
    /** 01b: host to controller. */
    public static final int TO_CONTROLLER = 1;
    /** 10b: controller to host. */
    public static final int TO_HOST = 2;
    /** 11b: both ways; no command that we know does that. */
    public static final int BOTH = 3;

    private DataTransfer() {}

    /** The direction of the command at {@code sqe}. */
    public static int direction(long sqe) {
        int opcode = Sqe.OPC.get(sqe);
        return (opcode == Opcode.FABRICS ? Sqe.NSID.getInt(sqe) : opcode) & BOTH;
    }
}
