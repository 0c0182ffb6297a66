package dev.karst.swap;

import dev.karst.base.StorageException;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethod.Role;
import dev.karst.rpc.RpcMethods;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.List;
import java.util.Map;

/** The methods with which modules are replaced, and what became of it is seen. */
public final class SwapMethods implements RpcMethods {
    private final Swapper swapper;
    private final SwapHistory history;

    /** Who replaces a module. */
    @FunctionalInterface
    public interface Swapper {
        /**
         * Replaces a module's bundle; returns when its devices are with the new version, or back with the old.
         *
         * @param file the new version's jar; empty for the one from where the bundle came
         * @return what was done, for clients
         * @throws StorageException why nothing has changed
         */
        Map<String, Object> swap(String module, String file) throws StorageException;
    }

    /** Methods that have this one replace modules. */
    public SwapMethods(Swapper swapper, SwapHistory history) {
        this.swapper = swapper;
        this.history = history;
    }

    @Override
    public List<RpcMethod> methods() {
        return List.of(
            RpcMethod.named("karst_module_swap", "bdev", "module-swap",
                    "Replaces the bundle of a block device module by another version, under I/O")
                .takes(
                    RpcParameter.required("name", Type.STRING, "Name of the module, such as malloc"),
                    RpcParameter.optional("file", Type.STRING, "Jar of the other version; a relative one lies in the data folder")
                        .of(Kind.FILE).initially("the jar from where the bundle came"))
                .by(Role.ADMIN)
                .does(call -> swapper.swap(call.string("name"), call.string("file", ""))),
            RpcMethod.named("karst_get_swaps", "karst", "swaps",
                    "Lists replacements of modules, oldest first; the latest " + SwapHistory.KEPT + " are kept")
                .shows("ID", "id").shows("KIND", "kind").shows("MODULE", "module").shows("FROM", "from").shows("TO", "to")
                .shows("OUTCOME", "outcome").shows("PAUSE US", "longest_pause_us").shows("REASON", "reason")
                .readOnly()
                .does(_ -> history.json()));
    }
}
