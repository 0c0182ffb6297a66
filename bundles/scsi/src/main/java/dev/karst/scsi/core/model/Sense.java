package dev.karst.scsi.core.model;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.scsi.ScsiTask;
import dev.karst.spec.scsi.DescriptorSense;
import dev.karst.spec.scsi.FieldPointerDescriptor;
import dev.karst.spec.scsi.FixedSense;
import dev.karst.spec.scsi.InformationDescriptor;

/** Puts sense data together, in either format. SPC-5, 4.4. */
@ReactorConfined
public final class Sense {
    /** Of the first byte of SENSE KEY SPECIFIC: it is valid. */
    private static final int SKSV = 0x80;
    /** Of that byte: the field is one of the CDB, not of parameters. */
    private static final int IN_CDB = 0x40;
    /** Of that byte: the bit is told. */
    private static final int BPV = 0x08;
    private static final int VALID = 0x80;
    private static final long MOST_FIXED = 0xffff_ffffL;

    private Sense() {}

    /** Begins sense data. */
    public static void begin(long at, boolean descriptors, int key, int asc) {
        Mem.fill(at, ScsiTask.SENSE_BYTES, (byte) 0);
        if (descriptors) {
            DescriptorSense.RESPONSE_CODE.set(at, DescriptorSense.CURRENT);
            DescriptorSense.SENSE_KEY.set(at, key);
            DescriptorSense.ADDITIONAL_SENSE_CODE.set(at, asc);
        } else {
            FixedSense.RESPONSE_CODE.set(at, FixedSense.CURRENT);
            FixedSense.SENSE_KEY.set(at, key);
            FixedSense.ADDITIONAL_SENSE_CODE.set(at, asc);
            FixedSense.ADDITIONAL_SENSE_LENGTH.set(at, FixedSense.BYTES - Long.BYTES);
        }
    }

    private static boolean hasDescriptors(long at) {
        return DescriptorSense.RESPONSE_CODE.get(at) == DescriptorSense.CURRENT;
    }

    /** Bytes that there are. */
    public static int length(long at) {
        return hasDescriptors(at) ? DescriptorSense.BYTES + DescriptorSense.ADDITIONAL_SENSE_LENGTH.get(at) : FixedSense.BYTES;
    }

    /** Adds a descriptor; gives where it is. */
    private static long add(long at, int bytes) {
        int before = DescriptorSense.ADDITIONAL_SENSE_LENGTH.get(at);
        DescriptorSense.ADDITIONAL_SENSE_LENGTH.set(at, before + bytes);
        return at + DescriptorSense.BYTES + before;
    }

    /** Says INFORMATION, which the fixed format has no room for when it is large. */
    public static void information(long at, long information) {
        if (hasDescriptors(at)) {
            long descriptor = add(at, InformationDescriptor.BYTES);
            InformationDescriptor.ADDITIONAL_LENGTH.set(descriptor, InformationDescriptor.BYTES - 2);
            InformationDescriptor.VALID.set(descriptor, VALID);
            InformationDescriptor.INFORMATION.set(descriptor, information);
        } else if (Long.compareUnsigned(information, MOST_FIXED) <= 0) {
            FixedSense.VALID.set(at, 1);
            FixedSense.INFORMATION.set(at, information);
        }
    }

    /** Says which field is wrong. */
    public static void field(long at, boolean inCdb, int byteNumber, int bit) {
        specific(at, SKSV | (inCdb ? IN_CDB : 0) | (bit >= 0 ? BPV | bit : 0), byteNumber);
    }

    /** Says how much is done, of 65,536. */
    public static void progress(long at, int done) {
        specific(at, SKSV, done);
    }

    private static void specific(long at, int flags, int value) {
        if (hasDescriptors(at)) {
            long descriptor = add(at, FieldPointerDescriptor.BYTES);
            FieldPointerDescriptor.DESCRIPTOR_TYPE.set(descriptor, FieldPointerDescriptor.TYPE);
            FieldPointerDescriptor.ADDITIONAL_LENGTH.set(descriptor, FieldPointerDescriptor.BYTES - 2);
            FieldPointerDescriptor.SENSE_KEY_SPECIFIC.set(descriptor, flags);
            FieldPointerDescriptor.FIELD_POINTER.set(descriptor, value);
        } else {
            FixedSense.SENSE_KEY_SPECIFIC.set(at, flags);
            FixedSense.FIELD_POINTER.set(at, value);
        }
    }
}
