package dev.karst.nvmf.testkit;

import dev.karst.base.StorageException;
import dev.karst.reactor.sim.SimWorld;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Where a conversation is held: connections to one target, and time. */
public interface Venue {
    /** A new connection to the target. */
    Wire connect() throws IOException;

    /** Lets so much time pass. */
    void pass(long millis) throws IOException;

    /** Calls a method of the target's management. */
    default void call(String method, Map<String, Object> parameters) throws IOException {
        throw new IOException("nobody manages this target");
    }

    /** The path of a file on the target's machine that is not there yet. */
    default Path newFile() throws IOException {
        throw new IOException("nobody knows this target's files");
    }

    /** Simulated connections and simulated time. */
    static Venue simulated(SimWorld world, int port) {
        return new Venue() {
            @Override
            public Wire connect() throws IOException {
                try {
                    return new SimWire(world, port);
                } catch (StorageException e) {
                    throw new IOException(e);
                }
            }

            @Override
            public void pass(long millis) {
                world.runFor(millis);
            }

            @Override
            public Path newFile() {
                return Path.of("/" + world.environment().newUuid());
            }
        };
    }
}
