package dev.karst.spec.nvme;

/** Controller properties: their offsets, and the bits of those that matter to a Fabrics controller. NVMe Base 2.1, 3.1.4. */
public final class Property {
    /** Controller Capabilities, 8 bytes. */
    public static final int CAP = 0x00;
    /** Version, 4 bytes. */
    public static final int VS = 0x08;
    /** Interrupt Mask Set, 4 bytes. */
    public static final int INTMS = 0x0c;
    /** Controller Configuration, 4 bytes. */
    public static final int CC = 0x14;
    /** Controller Status, 4 bytes. */
    public static final int CSTS = 0x1c;
    /** NVM Subsystem Reset, 4 bytes. */
    public static final int NSSR = 0x20;
    /** Admin Queue Attributes, 4 bytes: ASQS in 11:0, ACQS in 27:16, both less one. */
    public static final int AQA = 0x24;
    /** Admin Submission Queue Base Address, 8 bytes. */
    public static final int ASQ = 0x28;
    /** Admin Completion Queue Base Address, 8 bytes. */
    public static final int ACQ = 0x30;
    /** Controller Memory Buffer Location, 4 bytes. */
    public static final int CMBLOC = 0x38;
    /** Controller Memory Buffer Size, 4 bytes. */
    public static final int CMBSZ = 0x3c;
    /** Controller Memory Buffer Memory Space Control, 8 bytes: CRE, CMSE, CBA in 63:12. */
    public static final int CMBMSC = 0x50;
    /** {@link #CMBSZ}: submission queues may lie there. */
    public static final int CMBSZ_SQS = 1;
    /** {@link #CMBSZ}: data that the controller reads may lie there. */
    public static final int CMBSZ_RDS = 1 << 3;
    /** {@link #CMBSZ}: data that the controller writes may lie there. */
    public static final int CMBSZ_WDS = 1 << 4;
    /** Persistent Memory Region Capabilities, 4 bytes: BIR in 7:5, PMRTU in 9:8, PMRTO in 23:16. */
    public static final int PMRCAP = 0xe00;
    /** {@link #PMRCAP}: data that the controller reads may lie there. */
    public static final int PMRCAP_RDS = 1 << 3;
    /** {@link #PMRCAP}: data that the controller writes may lie there. */
    public static final int PMRCAP_WDS = 1 << 4;
    /** Persistent Memory Region Control, 4 bytes: EN. */
    public static final int PMRCTL = 0xe04;
    /** Persistent Memory Region Status, 4 bytes. */
    public static final int PMRSTS = 0xe08;
    /** {@link #PMRSTS}: not ready. */
    public static final int PMRSTS_NRDY = 1 << 8;
    /** Persistent Memory Region Memory Space Control, two registers of 4 bytes: CMSE, CBA in 63:12. */
    public static final int PMRMSC = 0xe14;
    /** Where the doorbells begin. NVMe over PCIe Transport 1.1, 3.1.2. */
    public static final int DOORBELLS = 0x1000;
    /** {@link #NSSR}: what is written to reset the subsystem, "NVMe". */
    public static final int NSSR_RESET = 0x4e56_4d65;
    /** Controller Ready Timeouts, 4 bytes: 15:0 with media, 500 ms. */
    public static final int CRTO = 0x68;

    /** {@link #VS}: NVMe 2.0. */
    public static final int VS_2_0 = 0x0002_0000;

    /** {@link #CC}: enable. */
    public static final int CC_EN = 0x0000_0001;
    /** {@link #CC}: I/O command set selected, 3 bits. */
    public static final int CC_CSS_SHIFT = 4;
    /** {@link #CC}: memory page size, 4 bits, a power of two of 4096. */
    public static final int CC_MPS_SHIFT = 7;
    /** {@link #CC}: arbitration mechanism selected, 3 bits. */
    public static final int CC_AMS_SHIFT = 11;
    /** {@link #CC}: shutdown notification, 2 bits: 01b normal, 10b abrupt. */
    public static final int CC_SHN_SHIFT = 14;
    /** {@link #CC}: I/O submission queue entry size, 4 bits. */
    public static final int CC_IOSQES_SHIFT = 16;
    /** {@link #CC}: I/O completion queue entry size, 4 bits. */
    public static final int CC_IOCQES_SHIFT = 20;
    /** {@link #CC}: CSS, all supported I/O command sets. */
    public static final int CC_CSS_ALL = 0b110;

    /** {@link #CSTS}: ready. */
    public static final int CSTS_RDY = 0x01;
    /** {@link #CSTS}: controller fatal status. */
    public static final int CSTS_CFS = 0x02;
    /** {@link #CSTS}: shutdown status, 2 bits. */
    public static final int CSTS_SHST = 0x0c;
    /** {@link #CSTS}: shutdown occurs. */
    public static final int CSTS_SHST_OCCURRING = 0x04;
    /** {@link #CSTS}: shutdown complete. */
    public static final int CSTS_SHST_COMPLETE = 0x08;

    private Property() {}

    /**
     * {@link #CAP} of a Fabrics controller: contiguous queues required (CQR), NVM command set, pages of 4 KiB, ready
     * only with its media (CRMS.CRWMS).
     *
     * @param entries most entries of an I/O queue
     * @param timeout TO: how long enabling may take, 500 ms
     */
    public static long cap(int entries, int timeout) {
        long cqr = 1L << 16;
        long cssNvm = 1L << 37;
        long crwms = 1L << 59;
        return entries - 1 | cqr | (long) timeout << 24 | cssNvm | crwms;
    }

    /** {@link #CAP}: MQES, most entries of an I/O queue. */
    public static int entries(long cap) {
        return (int) (cap & 0xffff) + 1;
    }

    /** {@link #CAP}: TO, how long a change of {@link #CC_EN} may take, ms. */
    public static int timeoutMs(long cap) {
        return (int) (cap >>> 24 & 0xff) * 500;
    }

    /** {@link #CAP}: DSTRD, bytes from one doorbell to the next. */
    public static int doorbellStride(long cap) {
        return 4 << (int) (cap >>> 32 & 0xf);
    }

    /** {@link #CAP}: whether a bit is set. */
    public static boolean has(long cap, int bit) {
        return (cap >>> bit & 1) != 0;
    }

    /** {@link #CAP}: NVM Subsystem Reset Supported. */
    public static final int CAP_NSSRS = 36;
    /** {@link #CAP}: NVM command set. */
    public static final int CAP_CSS_NVM = 37;
    /** {@link #CAP}: all I/O command sets that are supported can be used, CSS bit 6. */
    public static final int CAP_CSS_ALL = 43;
    /** {@link #CAP}: no I/O command set, CSS bit 7. */
    public static final int CAP_CSS_ADMIN = 44;
    /** {@link #CAP}: Persistent Memory Region Supported. */
    public static final int CAP_PMRS = 56;
    /** {@link #CAP}: Controller Memory Buffer Supported. */
    public static final int CAP_CMBS = 57;

    /** {@link #CAP}: MPSMIN, bytes. */
    public static long smallestPage(long cap) {
        return 4096L << (int) (cap >>> 48 & 0xf);
    }

    /** {@code bits} bits of {@link #CC} from {@code shift} on. */
    public static int field(int cc, int shift, int bits) {
        return cc >>> shift & (1 << bits) - 1;
    }
}
