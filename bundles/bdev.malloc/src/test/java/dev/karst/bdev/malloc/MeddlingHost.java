package dev.karst.bdev.malloc;

import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.BdevRegistry;
import dev.karst.bdev.Claim;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.bdev.testkit.fault.ForwardingHost;
import dev.karst.reactor.Reactor;
import java.util.List;
import java.util.Optional;

/** A real host that lets somebody else in between the first look for a key and what follows from it. */
final class MeddlingHost extends ForwardingHost implements BdevRegistry {
    private final String key;
    private BdevHost host;
    private Runnable meddling;

    private MeddlingHost(String key, Runnable meddling) {
        this.key = key;
        this.meddling = meddling;
    }

    /** One of the stage's block layer. */
    static MeddlingHost over(BdevStage stage, String key, Runnable meddling) {
        var meddler = new MeddlingHost(key, meddling);
        stage.add(new BdevModule() {
            @Override
            public String name() {
                return "meddling";
            }

            @Override
            public void start(BdevHost host) {
                meddler.host = host;
            }

            @Override
            public void stop() {}

            @Override
            public void restore(CreationRecord record) {}
        });
        return meddler;
    }

    @Override
    public Optional<Bdev> find(String name) {
        Optional<Bdev> found = host.registry().find(name);
        Runnable now = meddling;
        if (now != null && name.equals(key)) {
            meddling = null;
            now.run();
        }
        return found;
    }

    @Override
    protected BdevHost host() {
        return host;
    }

    @Override
    public BdevRegistry registry() {
        return this;
    }

    @Override
    public List<Bdev> all() {
        return host.registry().all();
    }

    @Override
    public BdevDescriptor open(String name, boolean write, Reactor listener, BdevEvents events)
        throws StorageException {
        return host.registry().open(name, write, listener, events);
    }

    @Override
    public void claim(BdevDescriptor descriptor, Claim claim) throws StorageException {
        host.registry().claim(descriptor, claim);
    }

    @Override
    public void release(BdevDescriptor descriptor) {
        host.registry().release(descriptor);
    }
}
