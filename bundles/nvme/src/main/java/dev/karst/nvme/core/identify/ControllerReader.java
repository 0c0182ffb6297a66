package dev.karst.nvme.core.identify;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.nvme.ControllerData;
import dev.karst.nvme.core.link.Link;
import dev.karst.spec.nvme.IdentifyController;
import dev.karst.spec.nvme.Property;

/** Reads the Identify Controller data structure, and refuses what cannot be. NVMe Base 2.1, 5.1.13.2.1. */
public final class ControllerReader {
    private static final int ANA_REPORTED = 1 << 3;
    private static final int COMPARE_AND_WRITE = 1;
    private static final int CACHE = 1;
    private static final int MOST_MDTS = 20;
    private static final int SQES_64 = 6;
    private static final int CQES_16 = 4;

    private ControllerReader() {}

    /**
     * What the data at {@code address} says; no queue pairs are granted yet.
     *
     * @param properties CAP and VS
     * @param queueEntries entries of an I/O queue
     * @throws StorageException EPROTO when entries of 64 and 16 bytes are not among those it takes
     */
    public static ControllerData read(long address, Properties properties, int queueEntries, Link link)
        throws StorageException {
        int sqes = IdentifyController.SQES.get(address);
        int cqes = IdentifyController.CQES.get(address);
        boolean discovery = IdentifyController.CNTRLTYPE.get(address) == IdentifyController.CNTRLTYPE_DISCOVERY;
        if (!discovery && (!takes(sqes, SQES_64) || !takes(cqes, CQES_16))) {
            throw StorageException.errno(
                Errno.EPROTO, String.format("the controller takes queue entries of SQES %02Xh and CQES %02Xh, not of 64 and 16 bytes", sqes, cqes));
        }
        byte[] whole = new byte[IdentifyController.BYTES];
        Mem.get(address, whole, 0, whole.length);
        var limits = new ControllerData.Limits(
            maxTransfer(IdentifyController.MDTS.get(address), properties.cap(), link.maxTransferBytes()), 0, queueEntries,
            IdentifyController.ONCS.get(address) & ~(link.quirks().slowZeroes() ? ControllerData.Limits.WRITE_ZEROES : 0),
            IdentifyController.OACS.get(address),
            link.usesSgl(IdentifyController.SGLS.get(address)), (IdentifyController.VWC.get(address) & CACHE) != 0,
            IdentifyController.ACL.get(address) + 1, (IdentifyController.FUSES.get(address) & COMPARE_AND_WRITE) != 0);
        var ana = new ControllerData.Ana(
            (IdentifyController.CMIC.get(address) & ANA_REPORTED) != 0, IdentifyController.ANATT.get(address) * 1000,
            IdentifyController.ANAGRPMAX.get(address), IdentifyController.NANAGRPID.get(address));
        return new ControllerData(
            whole, properties.cap(), properties.version(), text(IdentifyController.SN.get(address)),
            text(IdentifyController.MN.get(address)), text(IdentifyController.FR.get(address)),
            text(IdentifyController.SUBNQN.get(address)), IdentifyController.CNTLID.get(address),
            IdentifyController.NN.get(address), limits, ana);
    }

    /** CAP and VS. */
    public record Properties(long cap, int version) {}

    /** Least in bits 3:0, most in 7:4. */
    private static boolean takes(int sizes, int size) {
        return (sizes & 0xf) <= size && sizes >> 4 >= size;
    }

    /** MDTS counts in powers of two of the smallest page; 0 is no limit, and what is absurd is one. */
    private static long maxTransfer(int mdts, long cap, long most) {
        return mdts == 0 || mdts > MOST_MDTS ? most : Math.min(most, Property.smallestPage(cap) << mdts);
    }

    private static String text(String padded) {
        int end = padded.indexOf('\0');
        return (end < 0 ? padded : padded.substring(0, end)).strip();
    }
}
