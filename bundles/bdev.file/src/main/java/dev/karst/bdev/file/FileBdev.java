package dev.karst.bdev.file;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.env.DataFile;
import dev.karst.reactor.Reactor;
import dev.karst.rpc.RpcCall;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** One block device on a file. It owns the open file. */
final class FileBdev extends ModuleBdev {
    private final Flavor flavor;
    private final DataFile file;
    private final RpcCall call;
    private final Executor background;
    private final Consumer<FileBdev> whenGone;
    private final AtomicBoolean destroyed = new AtomicBoolean();
    private final OpenChannels channels = new OpenChannels();
    private volatile long blocks;

    FileBdev(
        Geometry geometry, Flavor flavor, DataFile file, RpcCall call, Executor background, Consumer<FileBdev> whenGone) {
        super(geometry);
        this.flavor = flavor;
        this.file = file;
        this.call = call;
        this.background = background;
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
            case SEEK_DATA, SEEK_HOLE -> file.seeks();
            case UNMAP, WRITE_ZEROES -> !file.readOnly() && file.punches();
            default -> false;
        };
    }

    @Override
    public ModuleChannel openChannel(Reactor reactor) throws StorageException {
        return channels.add(new FileChannel(reactor, file, geometry().blockSize(), background, channels));
    }

    /**
     * How many blocks the file has now; what is left of it behind the last whole one counts for nothing.
     *
     * @throws StorageException EINVAL when it has not even one
     */
    synchronized long rescan(String method) throws StorageException {
        long found = file.size() / geometry().blockSize();
        if (found == 0) {
            throw failure(
                Errno.EINVAL, method, "the file " + file.path() + " has no whole block left; give it the size that it had");
        }
        blocks = found;
        return found;
    }

    /**
     * Gives the file itself another length and tells the block layer. Shortening goes the other way round: the device
     * becomes smaller, what is in flight behind the new end ends, and the file is cut.
     *
     * @throws StorageException EINVAL when it is no whole number of blocks, EPERM when it would be shorter and {@code
     *     force} is not said, ETIMEDOUT when I/O behind the new end does not end, or what the file says
     */
    synchronized void resize(BdevHost host, String method, long bytes, boolean force) throws StorageException {
        long wanted = bytes / geometry().blockSize();
        if (wanted == 0 || bytes % geometry().blockSize() != 0) {
            throw failure(Errno.EINVAL, method, bytes + " bytes are no whole number of blocks of "
                + geometry().blockSize());
        }
        if (wanted >= blocks) {
            file.resize(bytes);
            blocks = wanted;
            host.resized(geometry().name(), wanted);
        } else if (force) {
            shorten(host, wanted);
        } else {
            throw failure(Errno.EPERM, method, "the last " + (blocks - wanted) + " of " + blocks
                + " blocks would be lost; give force to lose them");
        }
    }

    private void shorten(BdevHost host, long wanted) throws StorageException {
        long before = blocks;
        boolean cut = false;
        host.resized(geometry().name(), wanted);
        try {
            long bytes = wanted * geometry().blockSize();
            channels.awaitNothingBehind(bytes, host.reactors());
            file.resize(bytes);
            blocks = wanted;
            cut = true;
        } finally {
            if (!cut) {
                host.resized(geometry().name(), before);
            }
        }
    }

    private StorageException failure(int errno, String method, String why) {
        return StorageException.failure(errno, method + " " + geometry().name() + ": " + why);
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
