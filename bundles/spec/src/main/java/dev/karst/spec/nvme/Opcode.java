package dev.karst.spec.nvme;

/**
 * Opcodes. Bits 1:0 tell the direction of the data, see {@link DataTransfer}. NVMe Base 2.1, 3.1.3.4 (admin), 6 (Fabrics);
 * NVM Command Set 1.1, 3 (I/O); Zoned Namespace Command Set 1.1, 3.
 */
public final class Opcode {
    public static final int ADMIN_DELETE_IO_SQ = 0x00;
    public static final int ADMIN_CREATE_IO_SQ = 0x01;
    public static final int ADMIN_GET_LOG_PAGE = 0x02;
    public static final int ADMIN_DELETE_IO_CQ = 0x04;
    public static final int ADMIN_CREATE_IO_CQ = 0x05;
    public static final int ADMIN_IDENTIFY = 0x06;
    public static final int ADMIN_ABORT = 0x08;
    public static final int ADMIN_SET_FEATURES = 0x09;
    public static final int ADMIN_GET_FEATURES = 0x0a;
    public static final int ADMIN_ASYNC_EVENT_REQUEST = 0x0c;
    public static final int ADMIN_NAMESPACE_MANAGEMENT = 0x0d;
    public static final int ADMIN_FIRMWARE_COMMIT = 0x10;
    public static final int ADMIN_FIRMWARE_DOWNLOAD = 0x11;
    public static final int ADMIN_DEVICE_SELF_TEST = 0x14;
    public static final int ADMIN_NAMESPACE_ATTACHMENT = 0x15;
    public static final int ADMIN_KEEP_ALIVE = 0x18;
    public static final int ADMIN_DIRECTIVE_SEND = 0x19;
    public static final int ADMIN_DIRECTIVE_RECEIVE = 0x1a;
    public static final int ADMIN_DOORBELL_BUFFER_CONFIG = 0x7c;
    public static final int ADMIN_FORMAT_NVM = 0x80;
    public static final int ADMIN_SECURITY_SEND = 0x81;
    public static final int ADMIN_SECURITY_RECEIVE = 0x82;
    public static final int ADMIN_SANITIZE = 0x84;

    public static final int NVM_FLUSH = 0x00;
    public static final int NVM_WRITE = 0x01;
    public static final int NVM_READ = 0x02;
    public static final int NVM_WRITE_UNCORRECTABLE = 0x04;
    public static final int NVM_COMPARE = 0x05;
    public static final int NVM_WRITE_ZEROES = 0x08;
    public static final int NVM_DATASET_MANAGEMENT = 0x09;
    public static final int NVM_VERIFY = 0x0c;
    public static final int NVM_RESERVATION_REGISTER = 0x0d;
    public static final int NVM_RESERVATION_REPORT = 0x0e;
    public static final int NVM_RESERVATION_ACQUIRE = 0x11;
    public static final int NVM_RESERVATION_RELEASE = 0x15;
    public static final int NVM_COPY = 0x19;
    public static final int ZONE_MANAGEMENT_SEND = 0x79;
    public static final int ZONE_MANAGEMENT_RECEIVE = 0x7a;
    public static final int ZONE_APPEND = 0x7d;

    /** All Fabrics commands, on every queue; {@link dev.karst.spec.nvmf.FabricsCommand#FCTYPE} tells which. */
    public static final int FABRICS = 0x7f;

    private Opcode() {}
}
