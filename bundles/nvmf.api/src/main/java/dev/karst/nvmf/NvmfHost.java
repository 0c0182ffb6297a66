package dev.karst.nvmf;

import dev.karst.env.Environment;
import dev.karst.reactor.Reactors;

/** What the core of the target lets a transport do. */
public interface NvmfHost {
    Environment environment();

    Reactors reactors();

    /**
     * A queue for a new connection, on the connection's reactor; it has no controller until a Connect command succeeds.
     */
    NvmfQueue open(NvmfConnection connection);
}
