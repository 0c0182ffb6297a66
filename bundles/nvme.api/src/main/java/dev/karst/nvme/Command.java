package dev.karst.nvme;

import dev.karst.spec.nvme.Opcode;

/**
 * A command as the control plane gives it: dwords as the standard numbers them, the data as an array. NVMe Base 2.1, 4.1.
 *
 * @param opcode OPC
 * @param nsid NSID
 * @param dwords CDW10 to CDW15
 * @param data what goes to the controller; null for none
 * @param replyBytes how many bytes come back
 */
public record Command(int opcode, int nsid, Dwords dwords, byte[] data, int replyBytes) {
    /** Command dwords 10 to 15. */
    public record Dwords(int cdw10, int cdw11, int cdw12, int cdw13, int cdw14, int cdw15) {
        /** All zero. */
        public static final Dwords ZERO = new Dwords(0, 0, 0, 0, 0, 0);
    }

    /** A command without data. */
    public static Command of(int opcode, int nsid) {
        return new Command(opcode, nsid, Dwords.ZERO, null, 0);
    }

    /**
     * Get Log Page. NVMe Base 2.1, 5.1.12.
     *
     * @param nsid all ones for the controller as a whole
     * @param page LID
     * @param specific LSP in bits 6:0 and RAE in bit 7
     * @param offset LPO
     * @param bytes how much of the page, a multiple of 4
     */
    public static Command logPage(int nsid, int page, int specific, long offset, int bytes) {
        int dwords = bytes / Integer.BYTES - 1;
        return of(Opcode.ADMIN_GET_LOG_PAGE, nsid)
            .with(new Dwords(
                page | specific << 8 | dwords << 16, dwords >>> 16, (int) offset, (int) (offset >>> Integer.SIZE), 0, 0))
            .receiving(bytes);
    }

    /** The same with these dwords 10 and 11. */
    public Command with(int cdw10, int cdw11) {
        return with(new Dwords(cdw10, cdw11, 0, 0, 0, 0));
    }

    /** The same with these dwords. */
    public Command with(Dwords dwords) {
        return new Command(opcode, nsid, dwords, data, replyBytes);
    }

    /** The same with data to the controller. */
    public Command sending(byte[] data) {
        return new Command(opcode, nsid, dwords, data, 0);
    }

    /** The same with so many bytes from the controller. */
    public Command receiving(int bytes) {
        return new Command(opcode, nsid, dwords, null, bytes);
    }
}
