package dev.karst.bdev.nvme;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.nvme.control.Attachment;
import dev.karst.bdev.nvme.control.Controllers;
import dev.karst.bdev.nvme.control.Settings;
import dev.karst.nvme.NvmeDriver;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** Makes block devices of the namespaces of NVMe controllers. Without a driver it is there, and its devices wait. */
@Component(immediate = true, service = {BdevModule.class, RpcMethods.class})
public final class NvmeModule implements BdevModule, RpcMethods {
    private static final System.Logger LOG = System.getLogger(NvmeModule.class.getName());

    private final List<RpcMethod> methods = Stream.of(
        new ControllerMethods(this).methods(), new PathMethods(this).methods(), new OptionMethods(this).methods(),
        new DeviceMethods(this).methods(), new ErrorMethods(this).methods(), Discoveries.methods(this), HotPlug.methods(this)).flatMap(List::stream).toList();
    private final Object lock = new Object();
    private NvmeDriver driver;
    /** Null while there is no block layer. */
    private Running running;

    /** What there is with a block layer. */
    private record Running(BdevHost host, Controllers controllers, Discoveries discoveries, HotPlug hotPlug) {
        static Running in(BdevHost host) {
            var controllers = new Controllers(host);
            return new Running(host, controllers, new Discoveries(host, controllers), new HotPlug(host, controllers));
        }

        void stop() {
            discoveries.stop();
            hotPlug.stop();
            controllers.leave();
        }

        /** Does again what was kept. */
        void again(CreationRecord record) throws StorageException {
            var call = new RpcCall(record.parameters(), _ -> {}, () -> false);
            switch (record.method()) {
                case Settings.METHOD -> {
                    controllers.settings(OptionMethods.settings(call));
                    host.keepFirst(record);
                }
                case Attachment.METHOD -> controllers.adopt(AttachCall.attachment(call, controllers.settings()));
                case "" -> controllers.adopt(AttachCall.attachment(call, controllers.settings()).byItself());
                case Discoveries.METHOD -> discoveries.start(call);
                case HotPlug.METHOD -> hotPlug.set(call);
                case PathMethods.POLICY -> controllers.paths().remember(call.string("name"), PathMethods.policy(call));
                default -> throw StorageException.failure(Errno.EOPNOTSUPP, "this version does not know " + record.method());
            }
        }
    }

    @Override
    public String name() {
        return "nvme";
    }

    @Override
    public List<RpcMethod> methods() {
        return methods;
    }

    /** There is a driver. */
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    public void setDriver(NvmeDriver driver) {
        Running now;
        synchronized (lock) {
            this.driver = driver;
            now = running;
        }
        if (now != null) {
            now.controllers.driver(driver);
        }
    }

    /** The driver goes: what waits for its controllers waits. */
    public void unsetDriver(NvmeDriver driver) {
        Running now;
        synchronized (lock) {
            this.driver = this.driver == driver ? null : this.driver;
            now = running;
        }
        if (now != null) {
            now.controllers.noDriver(driver);
        }
    }

    @Override
    public void start(BdevHost host) {
        Running started = Running.in(host);
        for (CreationRecord record : host.kept()) {
            try {
                started.again(record);
            } catch (StorageException e) {
                LOG.log(Level.WARNING, "{0} is not there again: {1}", record.name(), e.getMessage());
            }
        }
        NvmeDriver known;
        synchronized (lock) {
            running = started;
            known = driver;
        }
        if (known != null) {
            started.controllers.driver(known);
        }
    }

    @Override
    public void stop() {
        Running now;
        synchronized (lock) {
            now = running;
            running = null;
        }
        now.stop();
    }

    @Override
    public void restore(CreationRecord record) throws StorageException {
        if (record.parameters().containsKey("nsid")) {
            long nsid = (Long) record.parameters().get("nsid");
            controllers().restore((String) record.parameters().get("controller"), (int) nsid);
        } else {
            running().again(record);
        }
    }

    /** @throws StorageException EAGAIN while there is no block layer */
    private Running running() throws StorageException {
        synchronized (lock) {
            if (running == null) {
                throw StorageException.failure(Errno.EAGAIN, "the module nvme has no block layer; start the bundle bdev");
            }
            return running;
        }
    }

    /** What is done with controllers; EAGAIN while there is no block layer. */
    Controllers controllers() throws StorageException {
        return running().controllers;
    }

    /** The block layer; same errors. */
    BdevHost host() throws StorageException {
        return running().host;
    }

    /** Same errors. */
    Discoveries discoveries() throws StorageException {
        return running().discoveries;
    }

    /** Same errors. */
    HotPlug hotPlug() throws StorageException {
        return running().hotPlug;
    }
}
