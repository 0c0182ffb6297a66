package dev.karst.iscsi.session;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.scsi.ScsiTask;
import dev.karst.spec.iscsi.Bhs;
import dev.karst.spec.iscsi.ScsiCommand;
import dev.karst.stream.BufferWait;

/** One request of a connection, a SCSI command or another, with the memory for what is sent about it. */
@ReactorConfined
final class Task extends ScsiTask {
    /** Where a request stands. */
    enum State {
        FREE,
        /** The data of its PDU is coming. */
        RECEIVING,
        /** Its number has not had its turn. */
        HELD,
        /** It waits for a buffer. */
        WAITING,
        /** The initiator owes data. */
        AWAITING_DATA,
        /** The device has it, or its answer is being made. */
        EXECUTING,
        /** Its answer is being sent. */
        RESPONDING,
        /** Nobody wants an answer, but R2Ts of it are on their way out of its memory. */
        LEFT
    }

    /** Most R2Ts of one command at once. */
    static final int MAX_R2TS = 8;
    /** Most Data-In PDUs of one command that are being sent at once. */
    static final int DATA_INS = 8;

    private static final int HEADER_ROOM = Bhs.BYTES + 8;
    private static final int CDB = 48;
    private static final int RESPONSE = CDB + 272;
    private static final int SENSE = RESPONSE + HEADER_ROOM;
    private static final int R2TS = SENSE + 80;
    private static final int DATA_IN_HEADERS = R2TS + MAX_R2TS * HEADER_ROOM;
    private static final int TAIL_ROOM = 8;
    private static final int DATA_IN_TAILS = DATA_IN_HEADERS + DATA_INS * HEADER_ROOM;
    /** Its own memory: the header, the CDB, then what is sent, each with room for a digest. */
    static final int OWN_BYTES = DATA_IN_TAILS + DATA_INS * TAIL_ROOM;

    private static final int SHORT_CDB_BYTES = 16;
    /** Length and type before the bytes of an additional header segment, and a reserved byte. */
    private static final int AHS_HEADER = 4;

    private final Connection connection;
    private final int slot;
    private final long own;
    /** Room for data that comes with the request or without being asked for, or that goes to the initiator if it is not more. */
    final long space;
    final BufferWait wait = new BufferWait() {
        @Override
        protected void granted(long given) {
            connection.requests().buffered(Task.this, given);
        }
    };

    State state = State.FREE;
    int opcode;
    int flags;
    int itt;
    int cmdSn;
    boolean immediate;
    /** Whether it counts in the window of commands. */
    boolean counted;
    /** Bytes that the initiator wants to be moved. */
    int edtl;
    /** Whether {@link #edtl} is more than an {@code int}, or than may be moved. */
    boolean tooLong;
    /** The buffer that it holds, or 0. */
    long buffer;
    /** Where its data lies. */
    long dataAddress;
    /** Bytes of data that have come. */
    int received;
    /** Whether a digest of its data was wrong. */
    boolean corrupt;
    /** Bytes of the data of its own PDU. */
    int dataLength;

    /** Where the present sequence of Data-Out PDUs ends. */
    int burstEnd;
    /** The next PDU's number in it. */
    int dataSn;
    /** Bytes that were asked for, or that came without. */
    int asked;
    /** R2Ts there were, and those that have been answered in full; and those that are queued and not sent. */
    int r2tsSent;
    int r2tsDone;
    int r2tsOut;
    /** Whether data comes that was not asked for. */
    boolean unsolicited;

    /** Additional sense code of what is wrong with the data of its own PDU, or 0. */
    int fault;

    /** When its turn came, if that is measured; else 0. */
    long begunNanos;

    /** Bytes that have been queued for the initiator, and Data-In PDUs. */
    int queued;
    int dataIns;
    /** PDUs that are queued and not sent. */
    int pdusOut;

    Task(Connection connection, int slot, long space, long own) {
        this.connection = connection;
        this.slot = slot;
        this.space = space;
        this.own = own;
        sense = own + SENSE + 2;
    }

    Connection connection() {
        return connection;
    }

    /** Its header, as it came. */
    long bhs() {
        return own;
    }

    long responseHeader() {
        return own + RESPONSE;
    }

    /** The length of sense data and the sense data, as a response carries them. */
    long senseSegment() {
        return own + SENSE;
    }

    long r2t(int number) {
        return own + R2TS + (long) (number % MAX_R2TS) * HEADER_ROOM;
    }

    long dataInHeader(int number) {
        return own + DATA_IN_HEADERS + (long) (number % DATA_INS) * HEADER_ROOM;
    }

    /** Padding and digest of a Data-In PDU. */
    long dataInTail(int number) {
        return own + DATA_IN_TAILS + (long) (number % DATA_INS) * TAIL_ROOM;
    }

    /** The tag of the R2T whose data comes next. */
    int transferTag() {
        return transferTag(r2tsDone);
    }

    int transferTag(int number) {
        return slot << 16 | number & 0xffff;
    }

    boolean isRead() {
        return (flags & ScsiCommand.R) != 0;
    }

    boolean isWrite() {
        return (flags & ScsiCommand.W) != 0;
    }

    /** Ready for a new request, of which it takes a copy. */
    void begin(long pdu, int length) {
        Mem.copy(pdu, own, Bhs.BYTES);
        opcode = Bhs.OPCODE.get(pdu);
        flags = Bhs.FLAGS.get(pdu);
        itt = (int) Bhs.ITT.get(pdu);
        cmdSn = (int) ScsiCommand.CMDSN.get(pdu);
        immediate = Bhs.I.get(pdu) != 0;
        lun = Bhs.LUN.get(pdu);
        dataLength = length;
        counted = false;
        buffer = 0;
        dataAddress = 0;
        received = 0;
        corrupt = false;
        queued = 0;
        dataIns = 0;
        pdusOut = 0;
        fault = 0;
        begunNanos = 0;
        answered = 0;
        if (opcode == Bhs.SCSI_COMMAND) {
            beginCommand(pdu);
        }
    }

    private void beginCommand(long pdu) {
        long wantedBytes = ScsiCommand.EDTL.get(pdu);
        tooLong = wantedBytes > Group.MAX_TRANSFER;
        edtl = (int) Math.min(wantedBytes, Integer.MAX_VALUE);
        attribute = attribute(flags & ScsiCommand.ATTR_MASK);
        cdb = own + ScsiCommand.CDB.offset();
        cdbBytes = SHORT_CDB_BYTES;
        if (Bhs.ahsBytes(pdu) > 0) {
            extendCdb(pdu + Bhs.BYTES, Bhs.ahsBytes(pdu));
        }
        burstEnd = 0;
        dataSn = 0;
        asked = 0;
        r2tsSent = 0;
        r2tsDone = 0;
        unsolicited = false;
        sent = 0;
        room = 0;
        data.clear();
        takesZeros = false;
        takesView = false;
        status = 0;
        senseBytes = 0;
        wanted = 0;
        zeros = false;
    }

    /** RFC 7143, 11.3.1: untagged is simple. */
    private static int attribute(int coded) {
        return coded == 0 || coded > ACA ? SIMPLE : coded;
    }

    /** Appends the rest of a CDB that is in an additional header segment. */
    private void extendCdb(long ahs, int bytes) {
        for (int at = 0; at + AHS_HEADER <= bytes; ) {
            int length = Mem.getU8(ahs + at) << 8 | Mem.getU8(ahs + at + 1);
            int next = at + (3 + length + 3 & -4);
            if (Mem.getU8(ahs + at + 2) == ScsiCommand.EXTENDED_CDB && length > 1 && next <= bytes) {
                int more = Math.min(length - 1, MAX_CDB_BYTES - SHORT_CDB_BYTES);
                Mem.copy(own + ScsiCommand.CDB.offset(), own + CDB, SHORT_CDB_BYTES);
                Mem.copy(ahs + at + AHS_HEADER, own + CDB + SHORT_CDB_BYTES, more);
                cdb = own + CDB;
                cdbBytes = SHORT_CDB_BYTES + more;
                return;
            }
            at = next;
        }
    }

    @Override
    public void respond() {
        connection.requests().respond(this);
    }

    @Override
    public void aborted() {
        connection.requests().aborted(this);
    }
}
