package dev.karst.itests.stack;

import dev.karst.base.StorageException;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.core.rpc.BdevFront;
import dev.karst.bdev.module.BdevModule;
import dev.karst.env.Environment;
import dev.karst.env.Region;
import dev.karst.iscsi.IscsiTarget;
import dev.karst.iscsi.rpc.IscsiManagement;
import dev.karst.keyring.file.FileKeyring;
import dev.karst.nvmf.NvmfHost;
import dev.karst.nvmf.NvmfTransport;
import dev.karst.nvmf.NvmfTransportProvider;
import dev.karst.nvmf.TransportOptions;
import dev.karst.nvmf.core.NvmfTarget;
import dev.karst.nvmf.core.rpc.NvmfManagement;
import dev.karst.nvmf.tcp.TcpTransportProvider;
import dev.karst.nvmf.testkit.BadInputPlayer;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.nvmf.testkit.Venue;
import dev.karst.nvmf.testkit.Wire;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.scsi.core.Devices;
import dev.karst.scsi.core.rpc.ScsiManagement;
import dev.karst.vhost.VhostTarget;
import dev.karst.vhost.rpc.ScsiControllers;
import dev.karst.vhost.rpc.VhostManagement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All layers above some reactors, constructed by hand as a plain program would, and driven through their RPC methods. */
abstract class Served implements AutoCloseable {
    static final String SUBSYSTEM = "nqn.2026-11.dev.karst:stack";
    /** A subsystem that allows nobody. */
    static final String CLOSED = "nqn.2026-11.dev.karst:closed";
    /** A subsystem that allows all and has nothing. */
    static final String OTHER = "nqn.2026-11.dev.karst:other";
    static final String HOST = "nqn.2026-11.dev.karst:host";

    final Reactors reactors;
    final BlockLayer blockLayer;
    private final FileKeyring keyring;
    private final Devices scsi;
    private final IscsiTarget iscsi;
    private final IscsiManagement iscsiManagement;
    private final VhostTarget vhost;
    private final VhostManagement vhostManagement;
    NvmfTarget target;
    final int port;
    /** A provider that keeps what it opened, for a test to look at, and plants a bug above it. */
    static final class Transports implements NvmfTransportProvider {
        private final NvmfTransportProvider provider;
        private final Bug bug;
        /** The transport that was opened last. */
        volatile NvmfTransport opened;

        Transports(NvmfTransportProvider provider, Bug bug) {
            this.provider = provider;
            this.bug = bug;
        }

        @Override
        public String type() {
            return provider.type();
        }

        @Override
        public TransportOptions defaults() {
            return provider.defaults();
        }

        @Override
        public NvmfTransport open(NvmfHost host, TransportOptions options) throws StorageException {
            opened = provider.open(bug == Bug.NONE ? host : new BuggyHost(host, bug), options);
            return opened;
        }
    }

    final Transports transports;
    private final Environment environment;
    private NvmfManagement management;
    private final List<BdevModule> modules;
    private Map<String, RpcMethod> methods;

    Served(Environment environment, Reactors reactors, List<BdevModule> modules, Map<String, Object> options, Bug bug)
        throws StorageException {
        transports = new Transports(new TcpTransportProvider(), bug);
        this.environment = environment;
        this.reactors = reactors;
        this.modules = modules;
        blockLayer = new BlockLayer(environment, reactors);
        modules.forEach(blockLayer::addModule);
        scsi = new Devices(environment, reactors, blockLayer);
        keyring = new FileKeyring(environment);
        iscsi = new IscsiTarget(environment, reactors, scsi, keyring);
        iscsiManagement = new IscsiManagement(iscsi);
        vhost = new VhostTarget(environment, reactors, blockLayer, scsi, Path.of("vhost"), false);
        vhostManagement = new VhostManagement(vhost);
        target = new NvmfTarget(environment, reactors, blockLayer);
        management = new NvmfManagement(target);
        target.addProvider(transports);
        var creation = new LinkedHashMap<String, Object>(options);
        creation.put("trtype", "TCP");
        call("nvmf_create_transport", creation);
        call("nvmf_create_subsystem", Map.of("nqn", SUBSYSTEM, "allow_any_host", true, "serial_number", "STACK"));
        call("nvmf_create_subsystem", Map.of("nqn", CLOSED, "serial_number", "CLOSED"));
        call("nvmf_create_subsystem", Map.of("nqn", OTHER, "allow_any_host", true, "serial_number", "OTHER"));
        listen(SUBSYSTEM, "0");
        port = listeningPort();
        listen(CLOSED, Integer.toString(port));
        listen(OTHER, Integer.toString(port));
    }

    /** Another target takes the place of this one, as when its bundle is updated: the saved calls are made again. */
    void replaceTarget() throws StorageException {
        List<ConfigSource.Call> calls = management.calls();
        target.leave();
        target = new NvmfTarget(environment, reactors, blockLayer);
        management = new NvmfManagement(target);
        methods = null;
        target.addProvider(transports);
        for (ConfigSource.Call call : calls) {
            call(call.method(), call.parameters());
        }
    }

    /** Another transport takes the place of this one, as when its bundle is updated. */
    void replaceTransport() {
        target.removeProvider(transports);
        target.addProvider(transports);
    }

    private void listen(String subsystem, String service) throws StorageException {
        call("nvmf_subsystem_add_listener", Map.of("nqn", subsystem, "listen_address",
            Map.of("trtype", "TCP", "adrfam", "IPv4", "traddr", "127.0.0.1", "trsvcid", service)));
    }

    private int listeningPort() throws StorageException {
        List<?> listeners = (List<?>) call("nvmf_subsystem_get_listeners", Map.of("nqn", SUBSYSTEM));
        Map<?, ?> address = (Map<?, ?>) ((Map<?, ?>) listeners.getFirst()).get("address");
        return Integer.parseInt((String) address.get("trsvcid"));
    }

    /** Calls a method as a front would. */
    Object call(String method, Map<String, Object> parameters) throws StorageException {
        if (methods == null) {
            methods = methods().stream().collect(Collectors.toMap(RpcMethod::name, Function.identity()));
        }
        RpcMethod found = Objects.requireNonNull(methods.get(method), method);
        return found.handler().call(RpcChecks.check(found, new LinkedHashMap<>(parameters)));
    }

    /** The methods of all layers. */
    List<RpcMethod> methods() {
        return Stream.concat(modules.stream(), Stream.of(environment, reactors, keyring, new BdevFront(blockLayer), management,
            new ScsiManagement(scsi), iscsiManagement, vhostManagement))
            .filter(RpcMethods.class::isInstance)
            .flatMap(layer -> ((RpcMethods) layer).methods().stream())
            .toList();
    }

    /** What it takes to bring the layers back. */
    List<ConfigSource> sources() {
        return List.of(new BdevFront(blockLayer), management, iscsiManagement, vhostManagement, new ScsiControllers(vhost));
    }

    /** Serves a bdev as the next namespace. */
    void serve(String bdev) throws StorageException {
        call("nvmf_subsystem_add_ns", Map.of("nqn", SUBSYSTEM, "namespace", Map.of("bdev_name", bdev)));
    }

    /** Makes a malloc bdev of so many blocks of 512 bytes and serves it. */
    void serveMemory(String name, long blocks) throws StorageException {
        call("bdev_malloc_create", Map.of("name", name, "block_size", 512L, "num_blocks", blocks));
        serve(name);
    }

    /** The way to it, and time. */
    abstract Venue way();

    /** Where conversations with it are held, and calls made. */
    final Venue venue() {
        Venue way = way();
        return new Venue() {
            @Override
            public Wire connect() throws IOException {
                return way.connect();
            }

            @Override
            public void pass(long millis) throws IOException {
                way.pass(millis);
            }

            @Override
            public Path newFile() throws IOException {
                return way.newFile();
            }

            @Override
            public void call(String method, Map<String, Object> parameters) throws IOException {
                try {
                    Served.this.call(method, parameters);
                } catch (StorageException e) {
                    throw new IOException(method + ": " + e.getMessage(), e);
                }
            }
        };
    }

    /** A host on a connection of its own, nothing sent yet. */
    NvmeTcpHost host() throws IOException {
        Wire wire = venue().connect();
        return new NvmeTcpHost(wire);
    }

    /** Something that plays a case of a bad input. */
    BadInputPlayer player() {
        return new BadInputPlayer(venue(), SUBSYSTEM);
    }

    /** An admin queue that is connected and enabled. */
    NvmeTcpHost admin() throws IOException {
        NvmeTcpHost admin = host();
        admin.initialize(false, false);
        expectSuccess(admin.connect(SUBSYSTEM, HOST, 0, 32));
        admin.enable();
        return admin;
    }

    /** An I/O queue of the admin queue's controller. */
    NvmeTcpHost io(NvmeTcpHost admin, int qid, boolean headerDigest, boolean dataDigest) throws IOException {
        NvmeTcpHost io = host();
        io.initialize(headerDigest, dataDigest);
        io.controllerId(admin.controllerId());
        expectSuccess(io.connect(SUBSYSTEM, HOST, qid, 128));
        return io;
    }

    static void expectSuccess(NvmeTcpHost.Completion completion) {
        if (completion.status() != 0) {
            throw new AssertionError(String.format("command %d ended with status %x", completion.cid(), completion.status()));
        }
    }

    /** A figure of the transport's statistics, of all reactors together. */
    long statistic(String name) throws StorageException {
        long sum = 0;
        for (Reactor reactor : reactors.all()) {
            sum += reactors.call(reactor, transports.opened::statistics).get(name);
        }
        return sum;
    }

    /** What is held now and must be given back: connections, requests, buffers, controllers, regions of memory. */
    Map<String, Long> holdings() throws StorageException {
        var holdings = new TreeMap<String, Long>();
        for (String name : List.of("connections", "requests", "small_buffers", "large_buffers")) {
            holdings.put(name, statistic(name));
        }
        long controllers = 0;
        for (Object subsystem : (List<?>) call("nvmf_get_subsystems", Map.of())) {
            Object nqn = ((Map<?, ?>) subsystem).get("nqn");
            controllers += ((List<?>) call("nvmf_subsystem_get_controllers", Map.of("nqn", nqn))).size();
        }
        holdings.put("controllers", controllers);
        holdings.put("regions", environment.memory().regions().stream().filter(Served::isGivenBack).count());
        return holdings;
    }

    /** The block layer keeps what it made on first need: a pool on each reactor, and zeros. */
    private static boolean isGivenBack(Region region) {
        return !region.name().startsWith("bdev.bounce.") && !region.name().equals("bdev.zeroes");
    }

    /** Bytes of memory that connections have for themselves. */
    long bytesOfConnections() {
        return environment.memory().regions().stream().filter(region -> region.name().equals("nvmf.tcp connection"))
            .mapToLong(Region::bytes).sum();
    }

    @Override
    public void close() {
        target.close();
        iscsi.close();
        vhost.close();
        scsi.close();
        modules.forEach(blockLayer::removeModule);
        blockLayer.close();
    }
}
