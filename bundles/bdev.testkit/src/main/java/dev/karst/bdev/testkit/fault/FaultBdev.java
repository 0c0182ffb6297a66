package dev.karst.bdev.testkit.fault;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.reactor.Reactor;
import java.util.List;
import java.util.Map;

/** A device around a module's own. */
final class FaultBdev extends ModuleBdev {
    private final ModuleBdev bdev;
    private final Faults faults;
    private boolean alive = true;

    FaultBdev(ModuleBdev bdev, Faults faults) {
        super(bdev.geometry());
        this.bdev = bdev;
        this.faults = faults;
        faults.device(1);
    }

    @Override
    public boolean supports(IoType type) {
        return bdev.supports(type);
    }

    @Override
    public ModuleChannel openChannel(Reactor reactor) throws StorageException {
        if (faults.happens(Fault.OPEN_FAILS)) {
            throw StorageException.errno(Errno.ENOMEM, "planted: open");
        }
        if (faults.happens(Fault.OPEN_THROWS)) {
            throw Faults.planted("open");
        }
        return new FaultChannel(bdev.openChannel(reactor), reactor, faults);
    }

    @Override
    public Map<String, Object> describe() {
        return bdev.describe();
    }

    @Override
    public List<String> standsOn() {
        return bdev.standsOn();
    }

    /** It counts no more. */
    void forget() {
        if (alive) {
            alive = false;
            faults.device(-1);
        }
    }

    @Override
    public void destroy(boolean parked) {
        forget();
        bdev.destroy(parked);
        if (faults.happens(Fault.DESTROY_THROWS)) {
            throw Faults.planted("destroy");
        }
    }
}
