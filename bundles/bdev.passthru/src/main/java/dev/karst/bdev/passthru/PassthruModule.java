package dev.karst.bdev.passthru;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.Creation;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.RegisteringModule;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.List;
import java.util.UUID;
import org.osgi.service.component.annotations.Component;

/** Makes block devices that stand on another one: {@code bdev_passthru_create} and {@code bdev_passthru_delete}. */
@Component(immediate = true, service = {BdevModule.class, RpcMethods.class})
public final class PassthruModule extends RegisteringModule {
    private final List<RpcMethod> methods = List.of(
        creates(
            "bdev_passthru_create", "passthru-create", "Creates a block device that hands everything on to another one",
            PassthruModule::make,
            RpcParameter.required("base_bdev_name", Type.STRING, "Block device that it stands on").of(Kind.BDEV),
            NEW_NAME,
            RpcParameter.optional("uuid", Type.UUID, "UUID of the new block device").initially("derived from the base's")),
        deletes("bdev_passthru_delete", "passthru-delete", "Deletes a block device that hands everything on"));

    /** A module without devices. */
    public PassthruModule() {
        super("passthru", null);
    }

    @Override
    public List<RpcMethod> methods() {
        return methods;
    }

    @Override
    protected String standsOn(RpcCall call) {
        return call.string("base_bdev_name");
    }

    @Override
    protected UUID chooseUuid(BdevHost host, RpcCall call) throws StorageException {
        String base = call.string("base_bdev_name");
        return DerivedUuid.of(host.registry().find(base).orElseThrow(() -> missing(base)).uuid());
    }

    private static ModuleBdev make(Creation creation) throws StorageException {
        String name = creation.call().string("base_bdev_name");
        Bdev base = creation.host().registry().find(name).orElseThrow(() -> missing(name));
        return new PassthruBdev(creation, base, BaseBdev.open(creation, base));
    }

    private static StorageException missing(String base) {
        return StorageException.failure(
            Errno.ENODEV, "bdev_passthru_create: there is no block device " + base + "; bdev_get_bdevs lists all");
    }
}
