package dev.karst.bdev.core.rpc;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.core.CoreBdev;
import dev.karst.bdev.core.examine.Examinations;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What decides which devices are shown to the modules, and waits for that. */
final class ExamineMethods {
    private static final long WAIT_MS = 60_000;

    private final BlockLayer layer;
    private final Examinations examinations;

    ExamineMethods(BlockLayer layer) {
        this.layer = layer;
        this.examinations = layer.examinations();
    }

    List<RpcMethod> methods() {
        return List.of(waitForExamine(), examine(), setOptions());
    }

    private RpcMethod waitForExamine() {
        return RpcMethod.named("bdev_wait_for_examine", "bdev", "wait-for-examine",
            "Returns when all modules have looked at the new block devices, within 60 s")
            .does(call -> {
                await();
                return true;
            });
    }

    void await() throws StorageException {
        try {
            layer.reactors().await(examinations.whenDone(), WAIT_MS, "the examination of block devices");
        } catch (StorageException e) {
            throw new StorageException(e.code(), e.getMessage() + ": " + examinations.running(), e);
        }
    }

    private RpcMethod examine() {
        return RpcMethod.named("bdev_examine", "bdev", "examine",
            "Shows a block device to the modules, now or when it comes; only with bdev_auto_examine off")
            .takes(RpcParameter.required("name", Type.STRING, "Name, alias or UUID of the block device").of(Kind.BDEV))
            .saved()
            .with(Effect.made(null, "name"))
            .does(this::examine);
    }

    private Object examine(RpcCall call) throws StorageException {
        String name = call.string("name");
        if (examinations.isAutomatic()) {
            throw StorageException.errno(Errno.EINVAL, Errno.text(Errno.EINVAL));
        }
        if (!examinations.ask(name)) {
            throw StorageException.failure(Errno.EEXIST, name + " is examined already, or will be when it comes");
        }
        Optional<CoreBdev> bdev = layer.findPresent(name);
        bdev.ifPresent(layer::examine);
        return true;
    }

    /** Saved files begin with it. The sizes of SPDK's pools stand for nothing here: I/Os are pooled by their submitters. */
    private RpcMethod setOptions() {
        return RpcMethod.named("bdev_set_options", "bdev", "set-options",
            "Sets whether new block devices are shown to the modules; SPDK's other options are accepted without effect")
            .takes(RpcParameter.optional("bdev_auto_examine", Type.BOOLEAN, "Whether that is done without asking")
                .initially("as it is"))
            .relaxed()
            .saved()
            .with(Effect.set("bdev_set_options", Map.of("bdev_auto_examine", true)))
            .does(call -> {
                examinations.automatic(call.flag("bdev_auto_examine", examinations.isAutomatic()));
                return true;
            });
    }

    /** The calls that set it again after a restart, before there are devices. */
    Stream<Call> calls() {
        if (examinations.isAutomatic()) {
            return Stream.empty();
        }
        Call off = new Call("bdev_set_options", Map.of("bdev_auto_examine", false));
        return Stream.concat(Stream.of(off),
            examinations.asked().stream().map(name -> new Call("bdev_examine", Map.of("name", name))));
    }
}
