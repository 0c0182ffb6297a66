package dev.karst.stream;

import dev.karst.base.ReactorConfined;

/** A request that waits for a buffer; made once for each request, and reused. */
@ReactorConfined
public abstract class BufferWait {
    /** Bytes that it needs. */
    public int bytes;
    BufferWait next;

    /** Its turn has come: the buffer is the request's. */
    protected abstract void granted(long buffer);
}
