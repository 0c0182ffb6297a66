package dev.karst.nvmf.core;

import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.BdevRegistry;
import dev.karst.bdev.Claim;
import dev.karst.reactor.Reactor;
import java.util.List;
import java.util.Optional;

/** A registry whose device goes as soon as somebody has claimed it. */
final class VanishingBdevs implements BdevRegistry {
    /** Takes the device away. */
    @FunctionalInterface
    interface Vanishing {
        void run() throws StorageException;
    }

    private final BdevRegistry registry;
    private final Vanishing vanishing;

    VanishingBdevs(BdevRegistry registry, Vanishing vanishing) {
        this.registry = registry;
        this.vanishing = vanishing;
    }

    @Override
    public List<Bdev> all() {
        return registry.all();
    }

    @Override
    public Optional<Bdev> find(String name) {
        return registry.find(name);
    }

    @Override
    public BdevDescriptor open(String name, boolean write, Reactor listener, BdevEvents events)
        throws StorageException {
        return registry.open(name, write, listener, events);
    }

    @Override
    public void claim(BdevDescriptor descriptor, Claim claim) throws StorageException {
        registry.claim(descriptor, claim);
        vanishing.run();
    }

    @Override
    public void release(BdevDescriptor descriptor) {
        registry.release(descriptor);
    }
}
