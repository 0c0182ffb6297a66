package dev.karst.bdev.testkit.fault;

import dev.karst.base.StorageException;
import dev.karst.bdev.BdevRegistry;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.env.Environment;
import dev.karst.reactor.Reactors;
import java.util.List;

/** A host that does as another one does; a test's own overrides what it wants otherwise. */
public abstract class ForwardingHost implements BdevHost {
    /** The other one. */
    protected abstract BdevHost host();

    @Override
    public void register(ModuleBdev bdev, CreationRecord record) throws StorageException {
        host().register(bdev, record);
    }

    @Override
    public Environment environment() {
        return host().environment();
    }

    @Override
    public Reactors reactors() {
        return host().reactors();
    }

    @Override
    public BdevRegistry registry() {
        return host().registry();
    }

    @Override
    public void keepFirst(CreationRecord record) throws StorageException {
        host().keepFirst(record);
    }

    @Override
    public boolean drop(String name) {
        return host().drop(name);
    }

    @Override
    public List<CreationRecord> kept() {
        return host().kept();
    }

    @Override
    public void unregister(String name) throws StorageException {
        host().unregister(name);
    }

    @Override
    public void resized(String name, long blocks) throws StorageException {
        host().resized(name, blocks);
    }

    @Override
    public void resized(String name, long blocks, CreationRecord record) throws StorageException {
        host().resized(name, blocks, record);
    }
}
