package dev.karst.bdev.file;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.Creation;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.env.DataFile;
import dev.karst.reactor.Reactor;
import dev.karst.rpc.RpcCall;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** One block device on a file. It owns the open file. */
final class FileBdev extends ModuleBdev {
    private final Flavor flavor;
    private final DataFile file;
    private final RpcCall call;
    private final Consumer<FileBdev> whenGone;
    private final AtomicBoolean destroyed = new AtomicBoolean();
    private volatile long blocks;

    FileBdev(Geometry geometry, Flavor flavor, DataFile file, RpcCall call, Consumer<FileBdev> whenGone) {
        super(geometry);
        this.flavor = flavor;
        this.file = file;
        this.call = call;
        this.whenGone = whenGone;
        this.blocks = geometry.blocks();
    }

    Flavor flavor() {
        return flavor;
    }

    /** Where ranges cannot be given back, the block layer writes zeros itself. */
    @Override
    public boolean supports(IoType type) {
        return switch (type) {
            case READ, FLUSH, ABORT -> true;
            case WRITE -> !file.readOnly();
            case UNMAP, WRITE_ZEROES -> !file.readOnly() && file.punches();
            default -> false;
        };
    }

    @Override
    public ModuleChannel openChannel(Reactor reactor) throws StorageException {
        return new FileChannel(reactor, reactor.fileRing(), file, geometry().blockSize());
    }

    /**
     * How many blocks the file has now.
     *
     * @throws StorageException EINVAL when it has become shorter
     */
    synchronized long rescan(String method) throws StorageException {
        long found = file.size() / geometry().blockSize();
        if (found < blocks) {
            throw Creation.failure(
                Errno.EINVAL, method + " " + geometry().name() + ": the file " + file.path()
                    + " has become shorter, from " + blocks + " to " + found
                    + " blocks; make it longer again, or delete the device and create it anew");
        }
        blocks = found;
        return found;
    }

    @Override
    public Map<String, Object> describe() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("filename", call.string("filename"));
        if (flavor == Flavor.AIO) {
            fields.put("block_size_override", call.has("block_size"));
            fields.put("readonly", file.readOnly());
            fields.put("fallocate", call.flag("fallocate", false));
            fields.put("nowait", call.flag("nowait", false));
        }
        return Map.of(flavor.word(), fields);
    }

    @Override
    public void destroy(boolean parked) {
        if (!destroyed.getAndSet(true)) {
            file.close();
            whenGone.accept(this);
        }
    }
}
