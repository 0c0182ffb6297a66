package dev.karst.bdev.core.bounce;

import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.Region;
import dev.karst.reactor.Reactor;
import java.lang.System.Logger.Level;

/** The memory of one reactor's buffers, allocated and freed on a background thread. */
final class Slab {
    private static final System.Logger LOG = System.getLogger(Slab.class.getName());

    private final BounceBuffers buffers;
    private final Reactor reactor;
    private final Environment environment;

    Slab(BounceBuffers buffers, Reactor reactor, Environment environment) {
        this.buffers = buffers;
        this.reactor = reactor;
        this.environment = environment;
    }

    void allocate() {
        environment.threads().background().execute(() -> {
            try {
                String owner = "bdev.bounce." + reactor.id();
                Region made = environment.memory().allocate(owner, BounceBuffers.BYTES);
                reactor.execute(() -> buffers.arrived(made));
            } catch (StorageException e) {
                LOG.log(Level.WARNING, "I/O that needs a buffer of the block layer waits: " + e.getMessage());
                reactor.execute(buffers::failed);
            }
        });
    }

    void free(Region region) {
        environment.threads().background().execute(() -> environment.memory().free(region));
    }
}
