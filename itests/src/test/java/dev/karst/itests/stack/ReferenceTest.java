package dev.karst.itests.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.StorageException;
import dev.karst.config.StartupState;
import dev.karst.log.LogMethods;
import dev.karst.nvme.core.show.DriverMethods;
import dev.karst.reactor.IdlePolicy;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.core.WhiteboardRegistry;
import dev.karst.rpc.http.HttpUsers;
import dev.karst.shell.Reference;
import dev.karst.swap.SwapHistory;
import dev.karst.swap.SwapMethods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The checked-in reference against the descriptions of the methods. */
class ReferenceTest {
    private static final Path FOLDER = Path.of("..", "docs", "reference");
    private static final String WRITE = "karst.reference.write";
    private static final String REMEDY = " is not what the methods say of themselves. To write it anew:"
        + " mvn -pl itests -am package -Dtest=ReferenceTest -Dsurefire.failIfNoSpecifiedTests=false -D" + WRITE + "=true";

    /** Methods for more than viewers whose effect is not part of the saved state: it passes, or is kept in a file of its own. */
    private static final Set<String> NOT_SAVED = Set.of(
        "bdev_aio_rescan", "bdev_uring_rescan", "karst_bdev_file_resize", "bdev_reset_iostat", "bdev_set_qd_sampling_period",
        "bdev_wait_for_examine", "karst_nvmf_subsystem_pause", "karst_nvmf_subsystem_resume", "reactor_set_idle_policy",
        "framework_start_init", "spdk_kill_instance", "karst_rpc_get_users", "karst_rpc_set_user", "karst_rpc_remove_user",
        "karst_apply", "karst_pci_bind",
        "thread_set_cpumask", "framework_set_scheduler", "framework_monitor_context_switch", "framework_enable_cpumask_locks",
        "framework_disable_cpumask_locks", "log_set_level", "log_set_print_level", "log_set_flag", "log_clear_flag",
        "log_enable_timestamps", "iobuf_set_options", "karst_module_swap", "sock_set_default_impl", "nvmf_create_target", "nvmf_delete_target",
        "bdev_nvme_reset_controller", "bdev_nvme_enable_controller", "bdev_nvme_disable_controller", "bdev_nvme_set_preferred_path",
        "bdev_nvme_send_cmd", "bdev_nvme_apply_firmware", "bdev_nvme_add_error_injection", "bdev_nvme_remove_error_injection",
        "karst_nvme_reset", "iscsi_start_portal_group", "vhost_start_scsi_controller", "iscsi_target_node_request_logout",
        "iscsi_enable_histogram", "virtio_blk_create_transport",
        // On the disk itself.
        "bdev_lvol_create_lvstore", "bdev_lvol_delete_lvstore", "bdev_lvol_rename_lvstore", "bdev_lvol_grow_lvstore", "bdev_lvol_create",
        "bdev_lvol_snapshot", "bdev_lvol_clone", "bdev_lvol_rename", "bdev_lvol_resize", "bdev_lvol_set_read_only", "bdev_lvol_delete",
        "bdev_lvol_inflate", "bdev_lvol_decouple_parent", "bdev_lvol_set_parent", "bdev_lvol_start_shallow_copy", "bdev_lvol_check_shallow_copy",
        "karst_lvol_repair", "bdev_lvol_clone_bdev", "bdev_lvol_set_parent_bdev");

    @Test
    void shouldBeSavedOrKnownNotToBeWhenMethodChangesSomething() throws Exception {
        List<String> undecided = methods().stream()
            .filter(method -> method.role() != RpcMethod.Role.VIEWER && method.saved() == NOT_SAVED.contains(method.name()))
            .map(RpcMethod::name).toList();
        assertEquals(List.of(), undecided, "each is saved() and in its layer's ConfigSource, or in the list NOT_SAVED here");
    }

    @Test
    void shouldHoldAllMethodsWhenMadeByLayers() throws Exception {
        holds("rpc.md", Reference.rpc(methods()));
    }

    @Test
    void shouldHoldAllCommandsWhenMadeByLayers() throws Exception {
        holds("shell.md", Reference.shell(methods()));
    }

    private static void holds(String name, String generated) throws IOException {
        Path file = FOLDER.resolve(name);
        if (Boolean.getBoolean(WRITE)) {
            Files.createDirectories(FOLDER);
            Files.writeString(file, generated);
        }
        String written = Files.exists(file) ? Files.readString(file) : "";
        int line = 1 + Arrays.mismatch(generated.split("\n", -1), written.split("\n", -1));
        assertEquals(0, line, () -> "docs/reference/" + name + ", line " + line + "," + REMEDY);
    }

    /** The methods of all layers. */
    static List<RpcMethod> methods() throws StorageException {
        try (Stack stack = new Stack(IdlePolicy.INTERRUPT)) {
            List<RpcMethod> ownOfRegistry = new WhiteboardRegistry(Framework.context()).methods();
            List<RpcMethod> users = new HttpUsers(Path.of("rpc.users")).methods();
            List<RpcMethod> ofLog = new LogMethods(null).methods();
            List<RpcMethod> swaps = new SwapMethods(null, new SwapHistory()).methods();
            List<RpcMethod> ofDriver = new DriverMethods(null).methods();
            return Stream.of(stack.methods(), ofDriver, ownOfRegistry, users, new StartupState().methods(), ofLog, swaps).flatMap(List::stream)
                .toList();
        }
    }
}
