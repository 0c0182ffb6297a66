package dev.karst.env;

import dev.karst.base.ReactorConfined;

/** Who is told that a socket can go on. */
@ReactorConfined
public abstract class Readiness {
    /** The socket may be read (data, end of stream or an error is waiting). */
    public abstract void readable();

    /** The socket may be written again after a write that could not go on. */
    public void writable() {}
}
