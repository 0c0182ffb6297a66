package dev.karst.nvme;

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
