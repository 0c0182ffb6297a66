package dev.karst.spec.scsi;

/** ADDITIONAL SENSE CODE in bits 15:8 with its qualifier in bits 7:0. SPC-5, table 49. */
public final class Asc {
    public static final int NO_ADDITIONAL_SENSE_INFORMATION = 0x0000;
    public static final int INITIALIZING_COMMAND_REQUIRED = 0x0402;
    public static final int SANITIZE_IN_PROGRESS = 0x041b;
    public static final int WRITE_ERROR = 0x0c00;
    public static final int WRITE_ERROR_UNEXPECTED_UNSOLICITED_DATA = 0x0c0c;
    public static final int WRITE_ERROR_NOT_ENOUGH_UNSOLICITED_DATA = 0x0c0d;
    public static final int COPY_TARGET_DEVICE_NOT_REACHABLE = 0x0d02;
    public static final int LOGICAL_BLOCK_GUARD_CHECK_FAILED = 0x1001;
    public static final int LOGICAL_BLOCK_APPLICATION_TAG_CHECK_FAILED = 0x1002;
    public static final int LOGICAL_BLOCK_REFERENCE_TAG_CHECK_FAILED = 0x1003;
    public static final int UNRECOVERED_READ_ERROR = 0x1100;
    public static final int PARAMETER_LIST_LENGTH_ERROR = 0x1a00;
    public static final int MISCOMPARE_DURING_VERIFY_OPERATION = 0x1d00;
    public static final int INVALID_COMMAND_OPERATION_CODE = 0x2000;
    public static final int LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE = 0x2100;
    public static final int INVALID_FIELD_IN_CDB = 0x2400;
    public static final int LOGICAL_UNIT_NOT_SUPPORTED = 0x2500;
    public static final int INVALID_FIELD_IN_PARAMETER_LIST = 0x2600;
    public static final int INVALID_RELEASE_OF_PERSISTENT_RESERVATION = 0x2604;
    public static final int TOO_MANY_TARGET_DESCRIPTORS = 0x2606;
    public static final int UNSUPPORTED_TARGET_DESCRIPTOR_TYPE_CODE = 0x2607;
    public static final int TOO_MANY_SEGMENT_DESCRIPTORS = 0x2608;
    public static final int UNSUPPORTED_SEGMENT_DESCRIPTOR_TYPE_CODE = 0x2609;
    public static final int INLINE_DATA_LENGTH_EXCEEDED = 0x260b;
    public static final int INVALID_OPERATION_FOR_COPY_SOURCE_OR_DESTINATION = 0x260c;
    public static final int WRITE_PROTECTED = 0x2700;
    public static final int LOGICAL_UNIT_SOFTWARE_WRITE_PROTECTED = 0x2702;
    public static final int SPACE_ALLOCATION_FAILED_WRITE_PROTECT = 0x2707;
    public static final int POWER_ON_OR_RESET_OCCURRED = 0x2900;
    public static final int BUS_DEVICE_RESET_FUNCTION_OCCURRED = 0x2903;
    public static final int I_T_NEXUS_LOSS_OCCURRED = 0x2907;
    public static final int MODE_PARAMETERS_CHANGED = 0x2a01;
    public static final int RESERVATIONS_PREEMPTED = 0x2a03;
    public static final int RESERVATIONS_RELEASED = 0x2a04;
    public static final int REGISTRATIONS_PREEMPTED = 0x2a05;
    public static final int CAPACITY_DATA_HAS_CHANGED = 0x2a09;
    public static final int COMMANDS_CLEARED_BY_ANOTHER_INITIATOR = 0x2f00;
    public static final int SANITIZE_COMMAND_FAILED = 0x3103;
    public static final int SAVING_PARAMETERS_NOT_SUPPORTED = 0x3900;
    public static final int MEDIUM_NOT_PRESENT = 0x3a00;
    public static final int REPORTED_LUNS_DATA_HAS_CHANGED = 0x3f0e;
    public static final int INTERNAL_TARGET_FAILURE = 0x4400;
    public static final int PROTOCOL_SERVICE_CRC_ERROR = 0x4705;
    public static final int INVALID_MESSAGE_ERROR = 0x4900;
    public static final int MEDIUM_REMOVAL_PREVENTED = 0x5302;
    public static final int SYSTEM_RESOURCE_FAILURE = 0x5500;
    public static final int INSUFFICIENT_REGISTRATION_RESOURCES = 0x5504;

    private Asc() {}
}
