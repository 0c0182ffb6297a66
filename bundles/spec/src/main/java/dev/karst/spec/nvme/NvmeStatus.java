package dev.karst.spec.nvme;

import java.util.Map;

/**
 * Status field of a completion without its phase bit: SC in bits 7:0, SCT in 10:8, CRD in 12:11, M in 13, DNR in 14. NVMe Base
 * 2.1, 4.2.3; NVM Command Set 1.1, 3.1.2.3. Names are the standard's.
 */
public final class NvmeStatus {
    public static final int SUCCESSFUL_COMPLETION = 0x000;
    public static final int INVALID_COMMAND_OPCODE = 0x001;
    public static final int INVALID_FIELD_IN_COMMAND = 0x002;
    public static final int COMMAND_ID_CONFLICT = 0x003;
    public static final int DATA_TRANSFER_ERROR = 0x004;
    public static final int ABORTED_POWER_LOSS = 0x005;
    public static final int INTERNAL_ERROR = 0x006;
    public static final int COMMAND_ABORT_REQUESTED = 0x007;
    public static final int ABORTED_SQ_DELETION = 0x008;
    public static final int ABORTED_FAILED_FUSED = 0x009;
    public static final int ABORTED_MISSING_FUSED = 0x00a;
    public static final int INVALID_NAMESPACE_OR_FORMAT = 0x00b;
    public static final int COMMAND_SEQUENCE_ERROR = 0x00c;
    public static final int INVALID_SGL_SEGMENT_DESCRIPTOR = 0x00d;
    public static final int INVALID_NUMBER_OF_SGL_DESCRIPTORS = 0x00e;
    public static final int DATA_SGL_LENGTH_INVALID = 0x00f;
    public static final int METADATA_SGL_LENGTH_INVALID = 0x010;
    public static final int SGL_DESCRIPTOR_TYPE_INVALID = 0x011;
    public static final int INVALID_USE_OF_CMB = 0x012;
    public static final int PRP_OFFSET_INVALID = 0x013;
    public static final int ATOMIC_WRITE_UNIT_EXCEEDED = 0x014;
    public static final int SGL_OFFSET_INVALID = 0x016;
    public static final int HOST_IDENTIFIER_INCONSISTENT_FORMAT = 0x018;
    public static final int KEEP_ALIVE_TIMER_EXPIRED = 0x019;
    public static final int KEEP_ALIVE_TIMEOUT_INVALID = 0x01a;
    public static final int SANITIZE_FAILED = 0x01c;
    public static final int SANITIZE_IN_PROGRESS = 0x01d;
    public static final int SGL_DATA_BLOCK_GRANULARITY_INVALID = 0x01e;
    public static final int NAMESPACE_IS_WRITE_PROTECTED = 0x020;
    public static final int COMMAND_INTERRUPTED = 0x021;
    public static final int TRANSIENT_TRANSPORT_ERROR = 0x022;
    public static final int LBA_OUT_OF_RANGE = 0x080;
    public static final int CAPACITY_EXCEEDED = 0x081;
    public static final int NAMESPACE_NOT_READY = 0x082;
    public static final int RESERVATION_CONFLICT = 0x083;
    public static final int FORMAT_IN_PROGRESS = 0x084;

    public static final int COMPLETION_QUEUE_INVALID = 0x100;
    public static final int INVALID_QUEUE_IDENTIFIER = 0x101;
    public static final int INVALID_QUEUE_SIZE = 0x102;
    public static final int ABORT_COMMAND_LIMIT_EXCEEDED = 0x103;
    public static final int ASYNC_EVENT_REQUEST_LIMIT_EXCEEDED = 0x105;
    public static final int INVALID_FIRMWARE_SLOT = 0x106;
    public static final int INVALID_FIRMWARE_IMAGE = 0x107;
    public static final int INVALID_INTERRUPT_VECTOR = 0x108;
    public static final int INVALID_LOG_PAGE = 0x109;
    public static final int INVALID_FORMAT = 0x10a;
    public static final int FIRMWARE_NEEDS_CONVENTIONAL_RESET = 0x10b;
    public static final int INVALID_QUEUE_DELETION = 0x10c;
    public static final int FEATURE_IDENTIFIER_NOT_SAVEABLE = 0x10d;
    public static final int FEATURE_NOT_CHANGEABLE = 0x10e;
    public static final int FEATURE_NOT_NAMESPACE_SPECIFIC = 0x10f;
    public static final int FIRMWARE_NEEDS_RESET = 0x111;
    public static final int OVERLAPPING_RANGE = 0x114;
    public static final int NAMESPACE_INSUFFICIENT_CAPACITY = 0x115;
    public static final int NAMESPACE_IDENTIFIER_UNAVAILABLE = 0x116;
    public static final int NAMESPACE_ALREADY_ATTACHED = 0x118;
    public static final int NAMESPACE_IS_PRIVATE = 0x119;
    public static final int NAMESPACE_NOT_ATTACHED = 0x11a;
    public static final int CONTROLLER_LIST_INVALID = 0x11c;
    public static final int SELF_TEST_IN_PROGRESS = 0x11d;
    public static final int INVALID_CONTROLLER_IDENTIFIER = 0x11f;
    public static final int IO_COMMAND_SET_COMBINATION_REJECTED = 0x12b;
    public static final int NVM_CONFLICTING_ATTRIBUTES = 0x180;
    public static final int NVM_INVALID_PROTECTION_INFORMATION = 0x181;
    public static final int NVM_ATTEMPTED_WRITE_TO_READ_ONLY_RANGE = 0x182;
    public static final int NVM_COMMAND_SIZE_LIMIT_EXCEEDED = 0x183;
    public static final int NVM_OVERLAPPING_IO_RANGE = 0x187;
    public static final int ZONE_BOUNDARY_ERROR = 0x1b8;
    public static final int ZONE_IS_FULL = 0x1b9;
    public static final int ZONE_IS_READ_ONLY = 0x1ba;
    public static final int ZONE_IS_OFFLINE = 0x1bb;
    public static final int ZONE_INVALID_WRITE = 0x1bc;
    public static final int TOO_MANY_ACTIVE_ZONES = 0x1bd;
    public static final int TOO_MANY_OPEN_ZONES = 0x1be;
    public static final int INVALID_ZONE_STATE_TRANSITION = 0x1bf;

    public static final int CONNECT_INCOMPATIBLE_FORMAT = 0x180;
    public static final int CONNECT_CONTROLLER_BUSY = 0x181;
    public static final int CONNECT_INVALID_PARAMETERS = 0x182;
    public static final int CONNECT_RESTART_DISCOVERY = 0x183;
    public static final int CONNECT_INVALID_HOST = 0x184;
    public static final int DISCONNECT_INVALID_QUEUE_TYPE = 0x185;
    public static final int DISCOVER_RESTART = 0x190;
    public static final int AUTHENTICATION_REQUIRED = 0x191;

    public static final int WRITE_FAULT = 0x280;
    public static final int UNRECOVERED_READ_ERROR = 0x281;
    public static final int END_TO_END_GUARD_CHECK_ERROR = 0x282;
    public static final int END_TO_END_APPLICATION_TAG_CHECK_ERROR = 0x283;
    public static final int END_TO_END_REFERENCE_TAG_CHECK_ERROR = 0x284;
    public static final int COMPARE_FAILURE = 0x285;
    public static final int ACCESS_DENIED = 0x286;
    public static final int DEALLOCATED_OR_UNWRITTEN_LOGICAL_BLOCK = 0x287;

    public static final int INTERNAL_PATH_ERROR = 0x300;
    public static final int ASYMMETRIC_ACCESS_PERSISTENT_LOSS = 0x301;
    public static final int ASYMMETRIC_ACCESS_INACCESSIBLE = 0x302;
    public static final int ASYMMETRIC_ACCESS_TRANSITION = 0x303;
    public static final int HOST_PATHING_ERROR = 0x370;
    public static final int COMMAND_ABORTED_BY_HOST = 0x371;

    /** More: the Error Information log tells more. */
    public static final int M = 0x2000;
    /** Do Not Retry: the same command will fail again. */
    public static final int DNR = 0x4000;

    private static final int SCT_AND_SC = 0x7ff;

    private static final Map<Integer, String> TEXTS = Map.ofEntries(
        Map.entry(SUCCESSFUL_COMPLETION, "Successful Completion"),
        Map.entry(INVALID_COMMAND_OPCODE, "Invalid Command Opcode"),
        Map.entry(INVALID_FIELD_IN_COMMAND, "Invalid Field in Command"),
        Map.entry(COMMAND_ID_CONFLICT, "Command ID Conflict"),
        Map.entry(DATA_TRANSFER_ERROR, "Data Transfer Error"),
        Map.entry(INTERNAL_ERROR, "Internal Error"),
        Map.entry(COMMAND_ABORT_REQUESTED, "Command Abort Requested"),
        Map.entry(ABORTED_SQ_DELETION, "Command Aborted due to SQ Deletion"),
        Map.entry(ABORTED_FAILED_FUSED, "Command Aborted due to Failed Fused Command"),
        Map.entry(ABORTED_MISSING_FUSED, "Command Aborted due to Missing Fused Command"),
        Map.entry(INVALID_NAMESPACE_OR_FORMAT, "Invalid Namespace or Format"),
        Map.entry(COMMAND_SEQUENCE_ERROR, "Command Sequence Error"),
        Map.entry(DATA_SGL_LENGTH_INVALID, "Data SGL Length Invalid"),
        Map.entry(SGL_DESCRIPTOR_TYPE_INVALID, "SGL Descriptor Type Invalid"),
        Map.entry(ATOMIC_WRITE_UNIT_EXCEEDED, "Atomic Write Unit Exceeded"),
        Map.entry(SGL_OFFSET_INVALID, "SGL Offset Invalid"),
        Map.entry(KEEP_ALIVE_TIMEOUT_INVALID, "Keep Alive Timeout Invalid"),
        Map.entry(NAMESPACE_IS_WRITE_PROTECTED, "Namespace is Write Protected"),
        Map.entry(COMMAND_INTERRUPTED, "Command Interrupted"),
        Map.entry(TRANSIENT_TRANSPORT_ERROR, "Transient Transport Error"),
        Map.entry(LBA_OUT_OF_RANGE, "LBA Out of Range"),
        Map.entry(CAPACITY_EXCEEDED, "Capacity Exceeded"),
        Map.entry(NAMESPACE_NOT_READY, "Namespace Not Ready"),
        Map.entry(INVALID_QUEUE_IDENTIFIER, "Invalid Queue Identifier"),
        Map.entry(ABORT_COMMAND_LIMIT_EXCEEDED, "Abort Command Limit Exceeded"),
        Map.entry(ASYNC_EVENT_REQUEST_LIMIT_EXCEEDED, "Asynchronous Event Request Limit Exceeded"),
        Map.entry(INVALID_LOG_PAGE, "Invalid Log Page"),
        Map.entry(FEATURE_IDENTIFIER_NOT_SAVEABLE, "Feature Identifier Not Saveable"),
        Map.entry(FEATURE_NOT_CHANGEABLE, "Feature Not Changeable"),
        Map.entry(CONNECT_INCOMPATIBLE_FORMAT, "Connect Incompatible Format"),
        Map.entry(CONNECT_CONTROLLER_BUSY, "Connect Controller Busy"),
        Map.entry(CONNECT_INVALID_PARAMETERS, "Connect Invalid Parameters"),
        Map.entry(CONNECT_INVALID_HOST, "Connect Invalid Host"),
        Map.entry(NVM_OVERLAPPING_IO_RANGE, "Overlapping I/O Range"),
        Map.entry(WRITE_FAULT, "Write Fault"),
        Map.entry(UNRECOVERED_READ_ERROR, "Unrecovered Read Error"),
        Map.entry(END_TO_END_GUARD_CHECK_ERROR, "End-to-end Guard Check Error"),
        Map.entry(END_TO_END_APPLICATION_TAG_CHECK_ERROR, "End-to-end Application Tag Check Error"),
        Map.entry(END_TO_END_REFERENCE_TAG_CHECK_ERROR, "End-to-end Reference Tag Check Error"),
        Map.entry(COMPARE_FAILURE, "Compare Failure"),
        Map.entry(INTERNAL_PATH_ERROR, "Internal Path Error"),
        Map.entry(ASYMMETRIC_ACCESS_PERSISTENT_LOSS, "Asymmetric Access Persistent Loss"),
        Map.entry(ASYMMETRIC_ACCESS_INACCESSIBLE, "Asymmetric Access Inaccessible"),
        Map.entry(ASYMMETRIC_ACCESS_TRANSITION, "Asymmetric Access Transition"));

    private NvmeStatus() {}

    /** Status Code Type, 3 bits. */
    public static int sct(int status) {
        return status >> 8 & 7;
    }

    /** Status Code, 8 bits. */
    public static int sc(int status) {
        return status & 0xff;
    }

    /** The status for a person to read: its name, its figures as SCT/SC, and whether the host shall not retry. */
    public static String text(int status) {
        String name = TEXTS.getOrDefault(status & SCT_AND_SC, "Status");
        return String.format("%s (%X/%02X%s)", name, sct(status), sc(status), (status & DNR) != 0 ? ", DNR" : "");
    }
}
