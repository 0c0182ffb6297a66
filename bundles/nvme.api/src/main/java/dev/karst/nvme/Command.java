package dev.karst.nvme;

/**
 * A command as the control plane gives it: dwords as the standard numbers them, the data as an array. NVMe Base 2.1, 4.1.
 *
 * @param opcode OPC
 * @param nsid NSID
 * @param cdw10 and so on: command dwords
 * @param data what goes to the controller; null for none
 * @param replyBytes how many bytes come back
 */
public record Command(
    int opcode, int nsid, int cdw10, int cdw11, int cdw12, int cdw13, int cdw14, int cdw15, byte[] data, int replyBytes) {
    /** A command without data. */
    public static Command of(int opcode, int nsid) {
        return new Command(opcode, nsid, 0, 0, 0, 0, 0, 0, null, 0);
    }

    /** The same with these dwords 10 and 11. */
    public Command dwords(int cdw10, int cdw11) {
        return new Command(opcode, nsid, cdw10, cdw11, cdw12, cdw13, cdw14, cdw15, data, replyBytes);
    }

    /** The same with these dwords 10 to 15. */
    public Command dwords(int cdw10, int cdw11, int cdw12, int cdw13, int cdw14, int cdw15) {
        return new Command(opcode, nsid, cdw10, cdw11, cdw12, cdw13, cdw14, cdw15, data, replyBytes);
    }

    /** The same with data to the controller. */
    public Command sending(byte[] data) {
        return new Command(opcode, nsid, cdw10, cdw11, cdw12, cdw13, cdw14, cdw15, data, 0);
    }

    /** The same with so many bytes from the controller. */
    public Command receiving(int bytes) {
        return new Command(opcode, nsid, cdw10, cdw11, cdw12, cdw13, cdw14, cdw15, null, bytes);
    }
}
