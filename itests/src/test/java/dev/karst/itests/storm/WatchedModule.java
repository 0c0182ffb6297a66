package dev.karst.itests.storm;

import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.bdev.testkit.fault.ForwardingHost;
import dev.karst.reactor.Reactor;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import java.util.List;
import java.util.Map;

/** A module whose channels are under {@link Watch}. To clients and the block layer it is the one inside. */
final class WatchedModule implements BdevModule, RpcMethods {
    private final BdevModule module;
    private final Watch watch;
    private boolean restores;

    WatchedModule(BdevModule module, Watch watch) {
        this.module = module;
        this.watch = watch;
    }

    @Override
    public String name() {
        return module.name();
    }

    @Override
    public List<RpcMethod> methods() {
        return ((RpcMethods) module).methods();
    }

    @Override
    public void start(BdevHost host) {
        module.start(new Host(host));
    }

    @Override
    public void stop() {
        module.stop();
    }

    @Override
    public void restore(CreationRecord record) throws StorageException {
        restores = true;
        try {
            module.restore(record);
        } finally {
            restores = false;
        }
    }

    @Override
    public void examineConfig(Bdev bdev) {
        module.examineConfig(bdev);
    }

    private final class Host extends ForwardingHost {
        private final BdevHost host;

        Host(BdevHost host) {
            this.host = host;
        }

        @Override
        protected BdevHost host() {
            return host;
        }

        @Override
        public void register(ModuleBdev bdev, CreationRecord record) throws StorageException {
            host.register(new Device(bdev), record);
        }
    }

    private final class Device extends ModuleBdev {
        private final ModuleBdev bdev;

        Device(ModuleBdev bdev) {
            super(watch.geometry(bdev.geometry(), restores));
            this.bdev = bdev;
        }

        @Override
        public boolean supports(IoType type) {
            return bdev.supports(type);
        }

        @Override
        public boolean checksProtection() {
            return bdev.checksProtection();
        }

        @Override
        public int compareAndWriteBlocks() {
            return bdev.compareAndWriteBlocks();
        }

        @Override
        public ModuleChannel openChannel(Reactor reactor) throws StorageException {
            return watch.channel(geometry().name(), reactor, bdev.openChannel(reactor));
        }

        @Override
        public Map<String, Object> describe() {
            return bdev.describe();
        }

        @Override
        public void destroy(boolean parked) {
            bdev.destroy(parked);
        }
    }
}
