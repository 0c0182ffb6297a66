package dev.karst.shell;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import dev.karst.rpc.RpcRegistry;
import dev.karst.shell.text.Screen;
import java.io.PrintStream;
import java.util.Map;
import java.util.function.Supplier;

/** {@code bdev:delete}: calls what deletes devices of the kind that this one is of. */
final class DeleteCommand extends OwnCommand {
    private static final String NAME = "name";

    DeleteCommand(RpcRegistry registry, Supplier<PrintStream> output) {
        super(registry, described("bdev", "delete", "Deletes a block device, of whatever kind")
            .takes(RpcParameter.required(NAME, Type.STRING, "Name, alias or UUID of the block device").of(Kind.BDEV))
            .does(NOT_CALLED), output);
    }

    @Override
    void run(Screen screen, Arguments arguments) throws StorageException {
        Map<?, ?> bdev = (Map<?, ?>) registry().call("karst_bdev_show", arguments.parameters());
        String maker = String.valueOf(bdev.get("created_by"));
        String undo = registry().method(maker).map(RpcMethod::effect).map(Effect::undo)
            .filter(name -> registry().method(name).isPresent())
            .orElseThrow(() -> StorageException.errno(Errno.EOPNOTSUPP,
                "what deletes a device that " + maker + " made is not there; is its bundle stopped?"));
        registry().call(undo, Map.of(NAME, String.valueOf(bdev.get(NAME))));
    }
}
