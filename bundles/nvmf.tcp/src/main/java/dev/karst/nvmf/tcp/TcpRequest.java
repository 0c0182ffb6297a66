package dev.karst.nvmf.tcp;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.nvmf.NvmfRequest;
import dev.karst.spec.nvme.Sqe;
import dev.karst.stream.BufferWait;

/** One command of a connection, with the memory for what is sent about it. */
@ReactorConfined
final class TcpRequest extends NvmfRequest {
    /** Where a request stands. */
    enum State {
        FREE,
        /** Its data comes in its capsule. */
        IN_CAPSULE,
        /** It waits for a buffer. */
        WAITING,
        /** An R2T is out. */
        AWAITING_DATA,
        /** The core has it. */
        EXECUTING,
        /** Its answer is being sent. */
        RESPONDING
    }

    /** Its own memory: the command, then the headers of what is sent, each with room for a digest. */
    static final int MEMORY_BYTES = 192;

    private static final int DATA_HEADER = 64;
    private static final int DATA_DIGEST = 96;
    private static final int RESPONSE = 104;
    private static final int R2T = 136;

    private final TcpConnection connection;
    private final int slot;
    private final long memory;
    /** Where the data of a capsule goes. */
    final long capsuleData;
    final BufferWait wait = new BufferWait() {
        @Override
        protected void granted(long given) {
            connection.buffered(TcpRequest.this, given);
        }
    };

    State state = State.FREE;
    int cid;
    /** Whether the command identifier is this request's, and not another's in flight. */
    boolean ownsCid;
    /** For the table of requests: another whose identifier ends in the same bits. */
    TcpRequest nextOfCid;
    /** Whether the host sends data, or expects some. */
    boolean hostSends;
    /** The buffer that it holds, or 0. */
    long buffer;
    /** Where its data lies. */
    long dataAddress;
    /** Bytes of data that have come. */
    int received;
    /** Whether a digest of its data was wrong. */
    boolean corrupt;

    TcpRequest(TcpConnection connection, int slot, long memory, long capsuleData) {
        this.connection = connection;
        this.slot = slot;
        this.memory = memory;
        this.capsuleData = capsuleData;
        sqe = memory;
    }

    TcpConnection connection() {
        return connection;
    }

    int slot() {
        return slot;
    }

    long dataHeader() {
        return memory + DATA_HEADER;
    }

    long dataDigest() {
        return memory + DATA_DIGEST;
    }

    long response() {
        return memory + RESPONSE;
    }

    long r2t() {
        return memory + R2T;
    }

    /** Ready for a new command, of which it takes a copy. */
    void begin(long command) {
        Mem.copy(command, sqe, Sqe.BYTES);
        cid = Sqe.CID.get(sqe);
        ownsCid = false;
        nextOfCid = null;
        buffer = 0;
        dataAddress = 0;
        received = 0;
        corrupt = false;
        hostSends = false;
        length = 0;
        takesZeros = false;
        takesView = false;
        zeros = false;
        answerLength = 0;
        result = 0;
        status = 0;
        data.clear();
    }

    @Override
    public void respond() {
        connection.respond(this);
    }
}
