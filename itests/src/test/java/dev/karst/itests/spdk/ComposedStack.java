package dev.karst.itests.spdk;

import dev.karst.base.StorageException;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.core.rpc.BdevFront;
import dev.karst.bdev.file.FileModule;
import dev.karst.bdev.lvol.LvolModule;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.nullblk.NullModule;
import dev.karst.bdev.nvme.NvmeModule;
import dev.karst.bdev.passthru.PassthruModule;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.iscsi.IscsiTarget;
import dev.karst.iscsi.rpc.IscsiManagement;
import dev.karst.itests.stack.Framework;
import dev.karst.keyring.file.FileKeyring;
import dev.karst.log.LogMethods;
import dev.karst.nvme.core.PolledDriver;
import dev.karst.nvme.tcp.TcpFabrics;
import dev.karst.nvmf.core.NvmfTarget;
import dev.karst.nvmf.core.rpc.NvmfManagement;
import dev.karst.nvmf.tcp.TcpTransportProvider;
import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.core.PinnedReactors;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.rpc.RpcRegistry;
import dev.karst.rpc.core.WhiteboardRegistry;
import dev.karst.scsi.core.Devices;
import dev.karst.scsi.core.rpc.ScsiManagement;
import dev.karst.vhost.VhostTarget;
import dev.karst.vhost.rpc.ScsiControllers;
import dev.karst.vhost.rpc.VhostManagement;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** All layers and the registry of their methods, on the real machine, with nothing made yet. */
final class ComposedStack implements AutoCloseable {
    private final LinuxEnvironment environment = new LinuxEnvironment();
    private final PinnedReactors reactors = new PinnedReactors(environment);
    private final NvmeModule nvme = new NvmeModule();
    private final List<BdevModule> modules =
        List.of(new MallocModule(), new NullModule(), new FileModule(), new PassthruModule(), new LvolModule(), nvme);
    private final PolledDriver driver = new PolledDriver(environment, reactors);
    private final BlockLayer blockLayer = new BlockLayer(environment, reactors);
    private final NvmfTarget target;
    private final Devices scsi;
    private final IscsiTarget iscsi;
    private final VhostTarget vhost;
    private final WhiteboardRegistry registry = new WhiteboardRegistry(Framework.context());

    ComposedStack() throws StorageException {
        registry.setJournal(new Framework.NothingKept());
        reactors.all().forEach(reactor -> reactor.idlePolicy(IdlePolicy.INTERRUPT));
        driver.add(new TcpFabrics(environment, reactors));
        nvme.setDriver(driver);
        modules.forEach(blockLayer::addModule);
        target = new NvmfTarget(environment, reactors, blockLayer);
        target.addProvider(new TcpTransportProvider());
        scsi = new Devices(environment, reactors, blockLayer);
        FileKeyring keyring = new FileKeyring(environment);
        iscsi = new IscsiTarget(environment, reactors, scsi, keyring);
        vhost = new VhostTarget(environment, reactors, blockLayer, scsi, Path.of("target", "vhost"), false);
        RpcMethods started = () -> List.of(RpcMethod.named("karst_get_startup", "karst", "startup", "Has ended")
            .relaxed().does(_ -> Map.of("state", "ready")));
        Stream<Object> layers = Stream.of(environment, reactors, keyring, new BdevFront(blockLayer),
            new NvmfManagement(target), new ScsiManagement(scsi), new IscsiManagement(iscsi), new VhostManagement(vhost),
            new ScsiControllers(vhost), new LogMethods(new SettingsInMemory()), started);
        Stream.concat(layers, modules.stream()).forEach(this::offer);
    }

    /** A port on which nobody listens now. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void offer(Object layer) {
        if (layer instanceof RpcMethods methods) {
            registry.addMethods(methods);
        }
        if (layer instanceof ConfigSource source) {
            registry.addSource(source);
        }
    }

    RpcRegistry registry() {
        return registry;
    }

    @Override
    public void close() {
        nvme.unsetDriver(driver);
        driver.close();
        target.close();
        iscsi.close();
        vhost.close();
        scsi.close();
        modules.forEach(blockLayer::removeModule);
        blockLayer.close();
        reactors.stop();
        environment.close();
    }

    /** Settings of a log as the distribution has them. */
    private static final class SettingsInMemory implements LogMethods.Store {
        private final Map<String, Object> settings = new HashMap<>(Map.of("log4j2.rootLogger.level", "INFO"));

        @Override
        public Map<String, Object> read() {
            return new HashMap<>(settings);
        }

        @Override
        public void write(Map<String, Object> changed) {
            settings.clear();
            settings.putAll(changed);
        }

        @Override
        public List<String> bundles() {
            return List.of("bdev", "nvmf", "reactor");
        }
    }
}
