package dev.karst.nvmf;

import dev.karst.base.ReactorConfined;
import dev.karst.reactor.Reactor;

/** A connection of a transport, as the core sees it. Reactor-confined. */
@ReactorConfined
public abstract class NvmfConnection {
    /** The reactor that it belongs to. */
    public abstract Reactor reactor();

    /** Where it was accepted. */
    public abstract ListenAddress listener();

    /** The host's end, for people to read. */
    public abstract String peer();

    public abstract TransportOptions options();

    /**
     * A Connect succeeded: the queue has this number and this many entries from now on. A host that has more commands
     * outstanding breaks the protocol.
     */
    public abstract void connected(int qid, int entries);

    /** Ends the connection; {@link NvmfQueue#close} follows. Ending it twice ends it once. */
    public abstract void disconnect(String why);

    /** For a queue that was closed: every request has come back, nothing of the connection is used any more. */
    public abstract void released();
}
