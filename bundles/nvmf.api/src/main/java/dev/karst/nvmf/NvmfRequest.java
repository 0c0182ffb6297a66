package dev.karst.nvmf;

import dev.karst.base.IoVector;
import dev.karst.base.ReactorConfined;
import dev.karst.env.View;

/** One command and its answer; preallocated and reused by the transport, which extends it. Reactor-confined. */
@ReactorConfined
public abstract class NvmfRequest {
    /** Most memory pairs of a transfer. */
    public static final int MAX_SEGMENTS = 16;

    /** Address of the command, 64 bytes, unchanged until {@link #respond}. */
    public long sqe;
    /** Bytes that the host offers or expects; 0 when nothing is moved. */
    public int length;
    /** Memory of the transfer, {@link #length} bytes; what the host expects is zeroed by whoever fills less. */
    public final IoVector data = new IoVector(MAX_SEGMENTS);

    /** Whether the transport has zeros of its own for all that the host expects. */
    public boolean takesZeros;

    /** Whether the transport can send data from where a device has it, too; what is sent must not be read twice then. */
    public boolean takesView;

    /** The answer: where what goes to the host can be read, instead of {@link #data}, if shown; the transport releases it. */
    public final View view = new View();
    /** The answer: what goes to the host is zeros, whatever {@link #data} holds; only if it {@link #takesZeros}. */
    public boolean zeros;
    /** The answer: bytes that go to the host, from the start of {@link #data}; not more than {@link #length}. */
    public int answerLength;
    /** The answer: dwords 0 and 1 of the completion, dword 0 in the low half. */
    public long result;
    /** The answer: SQ head pointer. */
    public int sqhd;
    /**
     * The answer: status field without the phase bit. NVMe Base 2.1, 4.2.3: SC 7:0, SCT 10:8, CRD 12:11, M 13, DNR 14.
     */
    public int status;

    /** For the core: its half of the request. */
    public Object core;

    /** The answer is complete: send it. The request is the transport's again. */
    public abstract void respond();
}
