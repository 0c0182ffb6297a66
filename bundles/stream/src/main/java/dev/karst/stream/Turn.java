package dev.karst.stream;

import dev.karst.base.ReactorConfined;

/** A connection's place in the {@link Round} of its reactor. */
@ReactorConfined
public abstract class Turn {
    boolean isReady;
    boolean isDirty;

    /** Reads; returns whether there may be more now. */
    protected abstract boolean read();

    /** Sends what there is. */
    protected abstract void flush();

    /** Whether it is neither read nor written any more. */
    protected abstract boolean isClosed();

    /** Something threw: the connection ends, and nothing else. */
    protected abstract void failed(Throwable failure);
}
