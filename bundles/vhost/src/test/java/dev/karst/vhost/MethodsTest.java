package dev.karst.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.reactor.Cpumask;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.vhost.blk.BlkDevice;
import dev.karst.vhost.rpc.ScsiControllers;
import dev.karst.vhost.rpc.VhostManagement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MethodsTest {
    private static final String SET_COALESCING = "vhost_controller_set_coalescing";
    private static final String ADD_TARGET = "vhost_scsi_controller_add_target";
    private static final String REMOVE_TARGET = "vhost_scsi_controller_remove_target";

    @TempDir
    private Path folder;
    private Bench bench;
    private VhostManagement management;

    @BeforeEach
    void open() throws Exception {
        bench = new Bench(folder, false);
        management = new VhostManagement(bench.target);
        bench.target.delete(Bench.CONTROLLER);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private Object call(String name, Object... namesAndValues) throws StorageException {
        RpcMethod method = management.methods().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
        RpcCall call = RpcChecks.check(method, new LinkedHashMap<>(Call.of(name, namesAndValues).parameters()));
        return method.handler().call(call);
    }

    private void assertRefused(int code, String name, Object... namesAndValues) {
        assertEquals(code, assertThrows(StorageException.class, () -> call(name, namesAndValues)).code());
    }

    private Map<?, ?> shown(String name) throws StorageException {
        return (Map<?, ?>) ((List<?>) call("vhost_get_controllers", "name", name)).getFirst();
    }

    @Test
    void shouldShowControllersAsSpdkDoes() throws Exception {
        assertEquals(true, call("vhost_create_blk_controller", "ctrlr", "vb0", "dev_name", Bench.BDEV, "readonly", true));
        Map<?, ?> shown = shown("vb0");
        assertEquals("[ctrlr, cpumask, delay_base_us, iops_threshold, socket, sessions, backend_specific]", shown.keySet().toString());
        assertEquals(Cpumask.of(bench.target.reactors()), shown.get("cpumask"));
        assertEquals(60_000L, shown.get("iops_threshold"));
        assertEquals(List.of(), shown.get("sessions"));
        assertEquals(Map.of("block", Map.of("readonly", true, "bdev", Bench.BDEV)), shown.get("backend_specific"));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of((String) shown.get("socket")))));
        assertEquals(1, ((List<?>) call("vhost_get_controllers")).size());
    }

    @Test
    void shouldSaveWhatMakesControllersAgain() throws Exception {
        assertEquals(List.of(), management.calls());
        call("vhost_create_blk_controller", "ctrlr", "vb0", "dev_name", Bench.BDEV, "packed_ring", true);
        call(SET_COALESCING, "ctrlr", "vb0", "delay_base_us", 100L, "iops_threshold", 1000L);
        List<Call> calls = management.calls();
        assertEquals("vhost_create_blk_controller {ctrlr=vb0, dev_name=Malloc0, readonly=false, packed_ring=true}",
            calls.get(0).method() + " " + calls.get(0).parameters());
        assertEquals(SET_COALESCING + " {ctrlr=vb0, delay_base_us=100, iops_threshold=1000}",
            calls.get(1).method() + " " + calls.get(1).parameters());
        assertEquals(true, call("vhost_delete_controller", "ctrlr", "vb0"));
        assertEquals(List.of(), management.calls());
        for (Call call : calls) {
            call(call.method(), call.parameters().entrySet().stream().flatMap(each -> List.of(each.getKey(), each.getValue()).stream())
                .toArray());
        }
        assertEquals(calls, management.calls());
        assertEquals(100L, shown("vb0").get("delay_base_us"));
    }

    @Test
    void shouldRefuseWhatCannotBe() throws Exception {
        call("vhost_create_blk_controller", "ctrlr", "vb0", "dev_name", Bench.BDEV);
        int invalid = RpcError.INVALID_PARAMS;
        assertRefused(invalid, "vhost_create_blk_controller", "ctrlr", "vb0", "dev_name", Bench.BDEV);
        assertRefused(invalid, "vhost_create_blk_controller", "ctrlr", "vb1", "dev_name", "none");
        assertRefused(invalid, "vhost_create_blk_controller", "ctrlr", "../vb1", "dev_name", Bench.BDEV);
        assertRefused(invalid, "vhost_create_blk_controller", "ctrlr", "vb1", "dev_name", Bench.BDEV, "cpumask", "[900]");
        assertRefused(invalid, "vhost_create_blk_controller", "ctrlr", "vb1", "dev_name", Bench.BDEV, "transport", "vfio_user");
        assertRefused(invalid, SET_COALESCING, "ctrlr", "vb1", "delay_base_us", 1L, "iops_threshold", 1000L);
        assertRefused(invalid, SET_COALESCING, "ctrlr", "vb0", "delay_base_us", 1L, "iops_threshold", 99L);
        assertRefused(invalid, SET_COALESCING, "ctrlr", "vb0", "delay_base_us", 1_000_001L, "iops_threshold", 100L);
        assertEquals(1, bench.target.controllers().size());
    }

    @Test
    void shouldMakeTheFolderOfSocketsOnlyForAController() throws Exception {
        Path sockets = folder.resolve("sockets");
        var target = bench.target(sockets);
        var options = new BlkDevice.Options(false, true);
        assertThrows(StorageException.class, () -> target.createBlk("vb0", "none", target.reactors(), options));
        assertFalse(Files.exists(sockets), "a folder is left of a controller that cannot be");
        target.createBlk("vb0", Bench.BDEV, target.reactors(), options);
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(sockets)));
        target.close();
    }

    @Test
    void shouldServeADeviceTwiceWhenAGuestIsToBeMigrated() throws Exception {
        call("vhost_create_blk_controller", "ctrlr", "vb0", "dev_name", Bench.BDEV);
        call("vhost_create_blk_controller", "ctrlr", "vb1", "dev_name", Bench.BDEV);
        assertEquals("vhost-user-blk controller vb0, vhost-user-blk controller vb1", bench.stage.layer().find(Bench.BDEV).orElseThrow().claimedBy());
        call("vhost_delete_controller", "ctrlr", "vb0");
        assertEquals("vhost-user-blk controller vb1", bench.stage.layer().find(Bench.BDEV).orElseThrow().claimedBy());
    }

    @Test
    void shouldHaveOneTransport() throws Exception {
        assertEquals(List.of(Map.of("name", "vhost_user_blk")), call("virtio_blk_get_transports"));
        assertRefused(-Errno.ENODEV, "virtio_blk_get_transports", "name", "vfio_user");
        assertRefused(-Errno.EEXIST, "virtio_blk_create_transport", "name", "vhost_user_blk");
        assertRefused(-Errno.ENODEV, "virtio_blk_create_transport", "name", "vfio_user");
    }

    @Test
    void shouldSayWhatQemuHasToBeTold() throws Exception {
        call("vhost_create_blk_controller", "ctrlr", "a disk", "dev_name", Bench.BDEV, "packed_ring", true);
        List<?> options = (List<?>) call("karst_vhost_get_qemu_options", "ctrlr", "a disk", "memory_mb", 512L);
        assertEquals("-object memory-backend-memfd,id=karst-memory,size=512M,share=on", options.get(0));
        assertTrue(options.contains("-chardev socket,id=karst-a_disk,path=" + folder.resolve("a disk") + ",reconnect=1"), options::toString);
        assertEquals("-device vhost-user-blk-pci,chardev=karst-a_disk,num-queues=" + bench.target.reactors().size() + ",packed=on",
            options.getLast());
    }

    @Test
    void shouldManageScsiControllersAsSpdkDoes() throws Exception {
        assertEquals(true, call("vhost_create_scsi_controller", "ctrlr", "vs0", "delay", true));
        Path socket = Path.of((String) shown("vs0").get("socket"));
        assertFalse(Files.exists(socket), "it listens before it was started");
        assertEquals(Map.of("scsi", List.of()), shown("vs0").get("backend_specific"));
        assertEquals(0L, call(ADD_TARGET, "ctrlr", "vs0", "scsi_target_num", -1L, "bdev_name", Bench.BDEV));
        assertEquals(true, call("vhost_start_scsi_controller", "ctrlr", "vs0"));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        assertEquals("{scsi=[{scsi_dev_num=0, id=0, target_name=Target 0, luns=[{id=0, bdev_name=Malloc0}]}]}",
            shown("vs0").get("backend_specific").toString());
        assertEquals(List.of("vhost_create_scsi_controller {ctrlr=vs0}",
            ADD_TARGET + " {ctrlr=vs0, scsi_target_num=0, bdev_name=Malloc0}"),
            new ScsiControllers(bench.target).calls().stream().map(call -> call.method() + " " + call.parameters()).toList());
        assertEquals(true, call(REMOVE_TARGET, "ctrlr", "vs0", "scsi_target_num", 0L));
        assertEquals(Map.of("scsi", List.of()), shown("vs0").get("backend_specific"));
        assertEquals(true, call("vhost_delete_controller", "ctrlr", "vs0"));
        assertFalse(Files.exists(socket), "the socket is left");
    }

    @Test
    void shouldRefuseTargetsThatCannotBe() throws Exception {
        call("vhost_create_scsi_controller", "ctrlr", "vs0");
        call("vhost_create_blk_controller", "ctrlr", "vb0", "dev_name", Bench.BDEV);
        call(ADD_TARGET, "ctrlr", "vs0", "scsi_target_num", 7L, "bdev_name", Bench.BDEV);
        int invalid = RpcError.INVALID_PARAMS;
        assertRefused(invalid, "vhost_create_scsi_controller", "ctrlr", "vs0");
        assertRefused(invalid, "vhost_start_scsi_controller", "ctrlr", "vs0");
        assertRefused(invalid, "vhost_start_scsi_controller", "ctrlr", "vs1");
        for (long number : new long[] {7, 8, Integer.MAX_VALUE}) {
            assertRefused(invalid, ADD_TARGET, "ctrlr", "vs0", "scsi_target_num", number, "bdev_name", Bench.BDEV);
        }
        assertRefused(invalid, ADD_TARGET, "ctrlr", "vs0", "scsi_target_num", 0L, "bdev_name", "none");
        assertRefused(invalid, ADD_TARGET, "ctrlr", "vb0", "scsi_target_num", 0L, "bdev_name", Bench.BDEV);
        for (long number : new long[] {0, 8, 0xffff_ffffL}) {
            assertRefused(invalid, REMOVE_TARGET, "ctrlr", "vs0", "scsi_target_num", number);
        }
        call("vhost_delete_controller", "ctrlr", "vs0");
        assertEquals(1, bench.target.controllers().size());
    }

    @Test
    void shouldNotTellQemuToReconnectWhenItCannot() throws Exception {
        call("vhost_create_scsi_controller", "ctrlr", "vs0");
        List<?> options = (List<?>) call("karst_vhost_get_qemu_options", "ctrlr", "vs0");
        assertTrue(options.contains("-chardev socket,id=karst-vs0,path=" + folder.resolve("vs0")), options::toString);
        assertEquals("-device vhost-user-scsi-pci,chardev=karst-vs0,num_queues=" + bench.target.reactors().size(), options.getLast());
    }
}
