package dev.karst.itests.iscsi;

import dev.karst.base.StorageException;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.core.rpc.BdevFront;
import dev.karst.bdev.file.FileModule;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.iscsi.IscsiTarget;
import dev.karst.iscsi.rpc.IscsiManagement;
import dev.karst.keyring.file.FileKeyring;
import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.core.PinnedReactors;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.scsi.core.Devices;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A disk in memory over iSCSI, on the real machine. */
public final class IscsiStack implements AutoCloseable {
    static final String NODE = "iqn.2016-06.io.spdk:disk";
    static final long BLOCKS = 262_144;

    private final LinuxEnvironment environment = new LinuxEnvironment();
    private final PinnedReactors reactors = new PinnedReactors(environment);
    private final MallocModule malloc = new MallocModule();
    private final FileModule files = new FileModule();
    private final BlockLayer blockLayer = new BlockLayer(environment, reactors);
    private final FileKeyring keyring = new FileKeyring(environment);
    private final Devices devices;
    private final IscsiTarget target;
    private final List<RpcMethods> layers;
    final int port;

    /** Serves a disk. */
    public IscsiStack() throws StorageException {
        reactors.all().forEach(reactor -> reactor.idlePolicy(IdlePolicy.INTERRUPT));
        blockLayer.addModule(malloc);
        blockLayer.addModule(files);
        devices = new Devices(environment, reactors, blockLayer);
        target = new IscsiTarget(environment, reactors, devices, keyring);
        layers = List.of(malloc, files, new BdevFront(blockLayer), keyring, new IscsiManagement(target));
        call("bdev_malloc_create", Map.of("name", "ram", "num_blocks", BLOCKS, "block_size", 512L));
        call("iscsi_create_portal_group", Map.of("tag", 1L, "portals", List.of(Map.of("host", "127.0.0.1", "port", "0"))));
        call("iscsi_create_initiator_group", Map.of("tag", 1L, "initiators", List.of("ANY"), "netmasks", List.of("127.0.0.0/8")));
        call("iscsi_create_target_node", Map.of("name", NODE, "alias_name", "a disk", "queue_depth", 64L,
            "pg_ig_maps", List.of(Map.of("pg_tag", 1L, "ig_tag", 1L)), "luns", List.of(Map.of("bdev_name", "ram"))));
        port = target.catalogue().portalGroups().get(1).portals().getFirst().port();
    }

    /** Calls a method as a front would. */
    public Object call(String method, Map<String, Object> parameters) throws StorageException {
        RpcMethod found = layers.stream().flatMap(layer -> layer.methods().stream()).filter(each -> each.name().equals(method))
            .findFirst().orElseThrow();
        return found.handler().call(RpcChecks.check(found, new LinkedHashMap<>(parameters)));
    }

    /** Where initiators come. */
    public int port() {
        return port;
    }

    IscsiTarget target() {
        return target;
    }

    String portal() {
        return "iscsi://127.0.0.1:" + port;
    }

    /** The disk, as libiscsi and QEMU name it. */
    String url() {
        return portal() + "/" + NODE + "/0";
    }

    @Override
    public void close() {
        target.close();
        devices.close();
        blockLayer.removeModule(malloc);
        blockLayer.removeModule(files);
        blockLayer.close();
        reactors.stop();
        environment.close();
    }
}
