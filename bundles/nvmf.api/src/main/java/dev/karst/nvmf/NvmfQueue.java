package dev.karst.nvmf;

import dev.karst.base.ReactorConfined;

/** The core's end of a connection: one queue pair of a controller. Reactor-confined. */
@ReactorConfined
public abstract class NvmfQueue {
    /**
     * Gives a request its half in the core; once for each request that the transport makes for this queue, before it is
     * first executed.
     */
    public abstract void prepare(NvmfRequest request);

    /**
     * A command has come, though perhaps not its data. Called in the order of the submission queue for each fused command
     * and for the one that comes next to it, before {@link #execute} or {@link #refuse}: which two belong together is a
     * matter of that order, and the data may come in another.
     */
    public abstract void arrived(NvmfRequest request);

    /**
     * The transport ends a command itself that it cannot hand over. {@link NvmfRequest#respond} follows inside this
     * call.
     *
     * @param status of the answer
     */
    public abstract void refuse(NvmfRequest request, int status);

    /**
     * Executes a command. The transport has set {@link NvmfRequest#sqe}, {@link NvmfRequest#length} and {@link
     * NvmfRequest#data}; the data of a command that sends some is there; and no other command in flight on this queue
     * has its identifier, which the transport checks. {@link NvmfRequest#respond} follows exactly once, inside this
     * call or later.
     */
    public abstract void execute(NvmfRequest request);

    /** Whether this is the queue of an admin or discovery controller, or not connected yet. */
    public abstract boolean isAdmin();

    /**
     * The connection is gone or going. What is in flight ends soon, each request still responds, and {@link
     * NvmfConnection#released} follows after the last, also when there was none.
     */
    public abstract void close();
}
