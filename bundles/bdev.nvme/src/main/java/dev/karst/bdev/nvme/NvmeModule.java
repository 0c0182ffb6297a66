package dev.karst.bdev.nvme;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.Creation;
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
        new DeviceMethods(this).methods()).flatMap(List::stream).toList();
    private final Object lock = new Object();
    private NvmeDriver driver;
    private BdevHost host;
    private Controllers controllers;

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
        Controllers now;
        synchronized (lock) {
            this.driver = driver;
            now = controllers;
        }
        if (now != null) {
            now.driver(driver);
        }
    }

    /** The driver goes: what waits for its controllers waits. */
    public void unsetDriver(NvmeDriver driver) {
        Controllers now;
        synchronized (lock) {
            this.driver = this.driver == driver ? null : this.driver;
            now = controllers;
        }
        if (now != null) {
            now.noDriver(driver);
        }
    }

    @Override
    public void start(BdevHost host) {
        var started = new Controllers(host);
        for (CreationRecord record : host.kept()) {
            try {
                again(started, record);
            } catch (StorageException e) {
                LOG.log(Level.WARNING, "{0} is not there again: {1}", record.name(), e.getMessage());
            }
        }
        NvmeDriver known;
        synchronized (lock) {
            this.host = host;
            controllers = started;
            known = driver;
        }
        if (known != null) {
            started.driver(known);
        }
    }

    /** Does again what was kept. */
    private static void again(Controllers controllers, CreationRecord record) throws StorageException {
        var call = new RpcCall(record.parameters(), _ -> {}, () -> false);
        switch (record.method()) {
            case Settings.METHOD -> controllers.settings(OptionMethods.settings(call));
            case Attachment.METHOD -> controllers.adopt(AttachCall.attachment(call, controllers.settings()));
            case PathMethods.POLICY -> controllers.remember(call.string("name"), PathMethods.policy(call));
            default -> throw Creation.failure(Errno.EOPNOTSUPP, "this version does not know " + record.method());
        }
    }

    @Override
    public void stop() {
        Controllers now;
        synchronized (lock) {
            now = controllers;
            controllers = null;
            host = null;
        }
        now.leave();
    }

    @Override
    public void restore(CreationRecord record) throws StorageException {
        if (record.method().isEmpty()) {
            long nsid = (Long) record.parameters().get("nsid");
            controllers().restore((String) record.parameters().get("controller"), (int) nsid);
        } else {
            again(controllers(), record);
        }
    }

    /**
     * What is done with controllers.
     *
     * @throws StorageException EAGAIN while there is no block layer
     */
    Controllers controllers() throws StorageException {
        synchronized (lock) {
            if (controllers == null) {
                throw noLayer();
            }
            return controllers;
        }
    }

    /** The block layer; same errors. */
    BdevHost host() throws StorageException {
        synchronized (lock) {
            if (host == null) {
                throw noLayer();
            }
            return host;
        }
    }

    private static StorageException noLayer() {
        return Creation.failure(Errno.EAGAIN, "the module nvme has no block layer; start the bundle bdev");
    }
}
