package dev.karst.bdev.lvol;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.lvol.base.Base;
import dev.karst.bdev.lvol.bdev.Pools;
import dev.karst.bdev.lvol.rpc.LvolMethods;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.osgi.service.component.annotations.Component;

/** Makes block devices of the volumes of pools, which it finds by itself on the devices that come. */
@Component(immediate = true, service = {BdevModule.class, RpcMethods.class})
public final class LvolModule implements BdevModule, RpcMethods {
    private final List<RpcMethod> methods = new LvolMethods(this::complete).all();
    /** Null while there is no block layer. */
    private volatile Pools pools;
    /** In the order in which they came; the first is being examined. Guarded by itself. */
    private final Queue<Examination> toExamine = new ArrayDeque<>();

    private record Examination(Pools pools, Bdev bdev, Runnable done) {}

    @Override
    public String name() {
        return Base.MODULE;
    }

    @Override
    public List<RpcMethod> methods() {
        return methods;
    }

    @Override
    public void start(BdevHost host) {
        pools = new Pools(host);
    }

    @Override
    public void stop() {
        Pools last = pools;
        pools = null;
        last.stop();
    }

    @Override
    public void restore(CreationRecord record) throws StorageException {
        pools().restore(record);
    }

    @Override
    public void examineDisk(Bdev bdev, Runnable done) {
        Pools now = pools;
        if (now == null) {
            done.run();
            return;
        }
        synchronized (toExamine) {
            toExamine.add(new Examination(now, bdev, done));
            if (toExamine.size() > 1) {
                return;
            }
        }
        startFirst(now);
    }

    private void startFirst(Pools now) {
        now.host().environment().threads().background().execute(this::examineFirst);
    }

    /** One device at a time is examined in any case; a thread for each that waits would take far more memory. */
    private void examineFirst() {
        Examination first;
        synchronized (toExamine) {
            first = toExamine.element();
        }
        try {
            first.pools.examine(first.bdev);
        } finally {
            examined(first);
        }
    }

    private void examined(Examination first) {
        boolean isLast;
        synchronized (toExamine) {
            toExamine.remove();
            isLast = toExamine.isEmpty();
        }
        if (!isLast) {
            startFirst(first.pools);
        }
        first.done.run();
    }

    /** For calls: what the version before had is back, or had its time. */
    private Pools complete() throws StorageException {
        Pools now = pools();
        now.host().registry();
        now.recall();
        return now;
    }

    /** @throws StorageException EAGAIN while there is no block layer */
    private Pools pools() throws StorageException {
        Pools now = pools;
        if (now == null) {
            throw StorageException.failure(Errno.EAGAIN, "the module lvol has no block layer; start the bundle bdev");
        }
        return now;
    }
}
