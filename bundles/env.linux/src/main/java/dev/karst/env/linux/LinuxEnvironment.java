package dev.karst.env.linux;

import dev.karst.base.Clock;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.EventSet;
import dev.karst.env.FileRing;
import dev.karst.env.Files;
import dev.karst.env.Keepsakes;
import dev.karst.env.Memory;
import dev.karst.env.Network;
import dev.karst.env.Pci;
import dev.karst.env.Processors;
import dev.karst.env.Threads;
import dev.karst.env.linux.event.EpollEventSet;
import dev.karst.env.linux.file.FileRings;
import dev.karst.env.linux.file.LinuxFiles;
import dev.karst.env.linux.memory.LinuxMemory;
import dev.karst.env.linux.net.LinuxNetwork;
import dev.karst.env.linux.unix.LinuxUnixSockets;
import dev.karst.env.linux.pci.LinuxPci;
import dev.karst.env.unix.UnixSockets;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;

/** The environment on Linux: a component, or without a framework simply an object. */
@Component(
    immediate = true, configurationPid = LinuxEnvironment.PID,
    service = {Environment.class, RpcMethods.class, ConfigSource.class})
@Designate(ocd = EnvironmentSettings.class)
public final class LinuxEnvironment implements Environment, RpcMethods, ConfigSource {
    /** Of its settings. */
    static final String PID = "dev.karst.env";
    /** Set to {@code false}, file I/O is done by helper threads also where io_uring is allowed. */
    static final String URING_PROPERTY = "karst.env.io_uring";

    private static final long MIB = 1 << 20;

    private final Clock clock = new SystemClock();
    private final LinuxProcessors processors = new LinuxProcessors();
    private final LinuxThreads threads = new LinuxThreads(processors);
    private final LinuxMemory memory;
    private final Files files = new LinuxFiles();
    private final LinuxNetwork network = new LinuxNetwork();
    private final UnixSockets unixSockets = new LinuxUnixSockets();
    private final SocketMethods sockets = new SocketMethods(network);
    private final LinuxPci pci;
    private final PciMethods pciMethods;
    private final FileRings rings;
    private final Keepsakes keepsakes = new Keepsakes((delayMs, task) ->
        CompletableFuture.delayedExecutor(delayMs, TimeUnit.MILLISECONDS, threads.background()).execute(task));

    /** With the settings that hold when nothing is set. */
    public LinuxEnvironment() {
        this(0, !"false".equals(System.getProperty(URING_PROPERTY)));
    }

    /** With a cap on memory, 0 for the standard one, and with or without io_uring. */
    public LinuxEnvironment(long memoryCapBytes, boolean ioUring) {
        this(memoryCapBytes, ioUring, false);
    }

    /** The same, with memory that other processes can be given to map too, or without. */
    public LinuxEnvironment(long memoryCapBytes, boolean ioUring, boolean sharedMemory) {
        memory = new LinuxMemory(memoryCapBytes, sharedMemory);
        pci = new LinuxPci(memory, threads);
        pciMethods = new PciMethods(pci);
        rings = new FileRings(threads, ioUring);
    }

    /** As a component. */
    @Activate
    public LinuxEnvironment(EnvironmentSettings settings) {
        this(
            settings.memory_cap_mib() * MIB, settings.io_uring() && !"false".equals(System.getProperty(URING_PROPERTY)),
            settings.memory_shared());
    }

    @Modified
    void modified(EnvironmentSettings settings) {
        memory.setCap(settings.memory_cap_mib() * MIB);
    }

    /** Ends all threads and gives all memory back; nothing of this environment may be used any more. */
    @Deactivate
    public void close() {
        keepsakes.close("");
        threads.close();
        memory.close();
    }

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public Memory memory() {
        return memory;
    }

    @Override
    public Processors processors() {
        return processors;
    }

    @Override
    public Files files() {
        return files;
    }

    @Override
    public Network network() {
        return network;
    }

    @Override
    public Pci pci() {
        return pci;
    }

    @Override
    public UnixSockets unixSockets() {
        return unixSockets;
    }

    @Override
    public Threads threads() {
        return threads;
    }

    @Override
    public Keepsakes keepsakes() {
        return keepsakes;
    }

    @Override
    public List<RpcMethod> methods() {
        return Stream.concat(sockets.methods().stream(), pciMethods.methods().stream()).toList();
    }

    @Override
    public String subsystem() {
        return "sock";
    }

    @Override
    public List<String> after() {
        return List.of();
    }

    @Override
    public List<Call> calls() {
        return sockets.calls();
    }

    /** machine-id(5). */
    @Override
    public String machineId() {
        try {
            return java.nio.file.Files.readString(Path.of("/etc/machine-id")).strip();
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public EventSet openEventSet() throws StorageException {
        return new EpollEventSet();
    }

    @Override
    public FileRing openFileRing(EventSet events, int depth) throws StorageException {
        return rings.open(events, depth, processors.elsewhere());
    }
}
