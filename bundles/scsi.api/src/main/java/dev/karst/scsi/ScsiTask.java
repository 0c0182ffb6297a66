package dev.karst.scsi;

import dev.karst.base.IoVector;
import dev.karst.base.ReactorConfined;
import dev.karst.env.View;

/** One command and its answer; preallocated and reused by the transport, which extends it. Reactor-confined. SAM-6, 5. */
@ReactorConfined
public abstract class ScsiTask {
    /** Memory pairs of a transfer, for a transport that does not need more. */
    public static final int MAX_SEGMENTS = 16;
    /** Most bytes of a CDB. */
    public static final int MAX_CDB_BYTES = 260;
    /** Most bytes of sense data. */
    public static final int SENSE_BYTES = 64;

    /** Task attribute. */
    public static final int SIMPLE = 1;
    /** Task attribute. */
    public static final int ORDERED = 2;
    /** Task attribute. */
    public static final int HEAD_OF_QUEUE = 3;
    /** Task attribute. */
    public static final int ACA = 4;

    /** Address of the CDB, in memory of 16 bytes at least whatever its length is; unchanged until {@link #respond}. */
    public long cdb;
    /** Bytes of the CDB. */
    public int cdbBytes;
    /** The eight bytes of the LUN field, as a big-endian number. */
    public long lun;
    /** {@link #SIMPLE} and its like. */
    public int attribute;
    /** Bytes that the initiator sent. At most one of this and {@link #room} is not 0. */
    public int sent;
    /** Bytes that the initiator takes. */
    public int room;
    /** Memory of {@link #sent} or {@link #room} bytes. */
    public final IoVector data;
    /** Whether the transport has zeros of its own for all that the initiator takes. */
    public boolean takesZeros;
    /** Whether the transport can send data from where a device has it, too; what is sent must not be read twice then. */
    public boolean takesView;
    /** Address of {@link #SENSE_BYTES} bytes for sense data. */
    public long sense;

    /** The answer: SAM-6, table 33. */
    public int status;
    /** The answer: bytes of sense data. */
    public int senseBytes;
    /** The answer: bytes that the command wanted to move by its CDB, which may be more or less than what the initiator offered. */
    public long wanted;
    /** The answer: bytes from the start of {@link #data} that go to the initiator, not more than {@link #room}. */
    public int answered;
    /** The answer: what goes to the initiator is zeros, whatever {@link #data} holds; only if it {@link #takesZeros}. */
    public boolean zeros;
    /** The answer: where what goes to the initiator can be read, instead of {@link #data}, if shown; the transport releases it. */
    public final View view = new View();

    /** For the device: its half of the task. */
    public Object core;

    /** A task with {@link #MAX_SEGMENTS} memory pairs at most. */
    protected ScsiTask() {
        this(MAX_SEGMENTS);
    }

    /** A task with so many memory pairs at most. */
    protected ScsiTask(int segments) {
        data = new IoVector(segments);
    }

    /** The answer is complete: send it. The task is the transport's again. */
    public abstract void respond();

    /**
     * The task was aborted by task management or by another nexus without TAS: nothing is sent to the initiator. The task is the
     * transport's again.
     */
    public abstract void aborted();
}
