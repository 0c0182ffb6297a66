package dev.karst.bdev.file;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
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
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.service.component.annotations.Component;

/**
 * Makes block devices on files: {@code bdev_aio_create}, {@code bdev_uring_create}, for each flavor delete and rescan,
 * and {@code karst_bdev_file_resize} for both.
 */
@Component(immediate = true, service = {BdevModule.class, RpcMethods.class})
public final class FileModule extends RegisteringModule {
    private static final RpcParameter FILENAME =
        RpcParameter.required("filename", Type.STRING, "File or block device; a relative one lies in the data folder")
            .of(Kind.FILE);
    private static final RpcParameter BLOCK_SIZE =
        RpcParameter.optional("block_size", Type.U32, "Bytes in a block, a power of two from 512 to 65536")
            .initially("what the file is aligned to, at least 512");
    private static final RpcParameter CREATE_SIZE =
        RpcParameter.optional("create_size_mib", Type.U64,
            "When there is no such file: make one of so many MiB, sparse").passing();
    private static final RpcParameter READ_ONLY =
        RpcParameter.optional("readonly", Type.BOOLEAN, "Whether nothing can be written").initially("false");

    private static final String RESIZE = "karst_bdev_file_resize";

    /** The devices that are there, by name. */
    private final Map<String, FileBdev> bdevs = new ConcurrentHashMap<>();
    private final FileMaker maker = new FileMaker(new OpenFiles());
    private final List<RpcMethod> methods = new ArrayList<>();

    /** A module without devices. */
    public FileModule() {
        super("file", null);
        // Repeated at a restart it would put an empty file in the place of one that is lost, or not mounted yet.
        onlyAtFirst("create_size_mib");
        methods.add(creates(
            "bdev_aio_create", "file-create", "Creates a block device on a file",
            creation -> make(creation, Flavor.AIO),
            FILENAME, NEW_NAME, BLOCK_SIZE, NEW_UUID, READ_ONLY, CREATE_SIZE,
            RpcParameter.optional("fallocate", Type.BOOLEAN,
                "Kept and without effect: ranges are given back to the file "
                + "system wherever it can take them").initially("false"),
            RpcParameter.optional("nowait", Type.BOOLEAN, "Kept and without effect: submitting never waits")
                .initially("false")));
        methods.add(creates(
            "bdev_uring_create", "uring-create", "Creates a block device on a file, under SPDK's other name",
            creation -> make(creation, Flavor.URING), FILENAME, NEW_NAME, BLOCK_SIZE, NEW_UUID, READ_ONLY,
            CREATE_SIZE));
        methods.add(RpcMethod.named(
            RESIZE, SCOPE, "file-resize", "Makes the file of a block device longer or shorter, and the device with it")
            .takes(
                NAME, RpcParameter.required("size_mib", Type.U64, "New size in MiB"),
                RpcParameter.optional("force", Type.BOOLEAN,
                    "Whether it may become shorter: what lies behind the new end is lost").initially("false"))
            .does(this::resize));
        addOthers(Flavor.AIO, "file");
        addOthers(Flavor.URING, "uring");
    }

    private void addOthers(Flavor flavor, String noun) {
        methods.add(RpcMethod.named(
            flavor.method("delete"), SCOPE, noun + "-delete", "Deletes a block device on a file; the file stays")
            .takes(NAME).saved().does(call -> delete(call, flavor)));
        methods.add(RpcMethod.named(
            flavor.method("rescan"), SCOPE, noun + "-rescan",
            "Takes over the size of a file that somebody else made longer or shorter")
            .takes(NAME).does(call -> rescan(call, flavor)));
    }

    @Override
    public List<RpcMethod> methods() {
        return List.copyOf(methods);
    }

    @Override
    protected UUID chooseUuid(BdevHost host, RpcCall call) throws StorageException {
        try {
            return FileMaker.uuid(host.environment(), call.string("filename"), call.string("name"));
        } catch (InvalidPathException e) {
            // The maker says what is wrong with it.
            return super.chooseUuid(host, call);
        }
    }

    private ModuleBdev make(Creation creation, Flavor flavor) throws StorageException {
        FileBdev bdev = maker.make(creation, flavor, gone -> bdevs.remove(gone.geometry().name(), gone));
        bdevs.put(creation.name(), bdev);
        return bdev;
    }

    private Object delete(RpcCall call, Flavor flavor) throws StorageException {
        find(call, flavor, "delete");
        host().unregister(call.string("name"));
        return true;
    }

    private Object rescan(RpcCall call, Flavor flavor) throws StorageException {
        FileBdev bdev = find(call, flavor, "rescan");
        long blocks = bdev.rescan(flavor.method("rescan"));
        host().resized(call.string("name"), blocks);
        return true;
    }

    private Object resize(RpcCall call) throws StorageException {
        String name = call.string("name");
        FileBdev bdev = bdevs.get(name);
        if (bdev == null) {
            throw StorageException.failure(
                Errno.ENODEV, RESIZE + ": there is no block device " + name + " on a file; bdev_get_bdevs lists all");
        }
        long mebibytes = call.number("size_mib");
        if (mebibytes > Long.MAX_VALUE >> 20) {
            throw StorageException.failure(
                Errno.EFBIG, RESIZE + " " + name + ": size_mib is " + mebibytes + "; no file can be so large");
        }
        bdev.resize(host(), RESIZE, mebibytes << 20, call.flag("force", false));
        return true;
    }

    private FileBdev find(RpcCall call, Flavor flavor, String verb) throws StorageException {
        String name = call.string("name");
        FileBdev bdev = bdevs.get(name);
        if (bdev == null || bdev.flavor() != flavor) {
            throw StorageException.failure(
                Errno.ENODEV, flavor.method(verb) + ": there is no block device " + name + " that "
                    + flavor.method("create") + " made; bdev_get_bdevs lists all");
        }
        return bdev;
    }
}
