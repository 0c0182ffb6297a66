package dev.karst.swap;

import dev.karst.base.DataFolder;
import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevRegistry;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.ModuleHandOver;
import dev.karst.bdev.module.ModuleHandOver.Outcome;
import dev.karst.env.Environment;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Knows the bundles that bring modules, replaces them when asked, and looks after them when somebody else does. */
@Component(immediate = true, service = {RpcMethods.class, SwapFront.class}, configurationPid = "dev.karst.swap")
@Designate(ocd = SwapFront.Settings.class)
public final class SwapFront implements RpcMethods {
    private static final System.Logger LOG = System.getLogger(SwapFront.class.getName());

    /** How long a deployment of features is silent at the most, and how long a swap takes. */
    private static final long SILENCE_MS = 10_000;
    private static final long SWAP_MS = 60_000;

    private final BundleContext context;
    private final ModuleHandOver handOver;
    private final Environment environment;
    private final Versions versions;
    private final PlannedSwap.Tools tools;
    private final Copies copies;
    private final DeployFolder deploy;
    private final SwapHistory history = new SwapHistory();
    private final SwapMethods methods = new SwapMethods(this::swap, history);
    private final Turns turns = new Turns(SILENCE_MS, SWAP_MS);
    /** The bundles that are being replaced, whose coming and going is known. */
    private final Set<Bundle> watched = ConcurrentHashMap.newKeySet();
    private volatile boolean stopped;

    /** Settings of the replacement of modules. */
    @ObjectClassDefinition(name = "Karst swap")
    public @interface Settings {
        /** How long a new version may take. */
        @AttributeDefinition(description = "How long a new version may take to bring its module and the module its devices, "
            + "in ms; then the version before is put back. Less than park.timeout.ms of dev.karst.bdev")
        long timeout_ms() default 3000;
    }

    @Activate
    public SwapFront(
        BundleContext context, @Reference ModuleHandOver handOver, @Reference BdevRegistry registry,
        @Reference Environment environment, @Reference ServiceComponentRuntime components, Settings settings) {
        this.context = context;
        this.handOver = handOver;
        this.environment = environment;
        versions = new Versions(handOver, registry);
        Twins twins = new Twins(context);
        tools = new PlannedSwap.Tools(versions, handOver, new Activation(versions, components), twins,
            environment.clock());
        copies = new Copies(context);
        deploy = new DeployFolder(Path.of(System.getProperty("karaf.base", ""), "deploy"));
        modified(settings);
        twins.removeLeftovers();
    }

    /** From the next replacement on. */
    @Modified
    void modified(Settings settings) {
        tools.activation().timeoutMs(Math.clamp(settings.timeout_ms(), 1, 600_000));
    }

    @Deactivate
    void stop() {
        stopped = true;
        turns.deploymentEnds();
    }

    /** Whose turn it is to change bundles. */
    Turns turns() {
        return turns;
    }

    @Override
    public List<RpcMethod> methods() {
        return methods.methods();
    }

    /** A module came. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addModule(BdevModule module, ServiceReference<BdevModule> reference) {
        Bundle bundle = reference.getBundle();
        versions.add(new Versions.Version(module, module.name(), bundle));
        if (!watched.contains(bundle) && !Twins.isOne(bundle)) {
            environment.threads().background().execute(() -> copies.keep(bundle));
        }
    }

    /** A module goes. */
    void removeModule(BdevModule module) {
        versions.remove(module).filter(version -> !isMeant(version.bundle())).ifPresent(this::follow);
    }

    /** Whether somebody knows that it goes. */
    private boolean isMeant(Bundle bundle) {
        return stopped || context.getBundle(0).getState() == Bundle.STOPPING || Twins.isOne(bundle) || watched.contains(bundle);
    }

    /** The module of a bundle went: sees to it that it comes back. */
    private void follow(Versions.Version gone) {
        Bundle bundle = gone.bundle();
        Set<String> modules = new HashSet<>(versions.names(bundle));
        modules.add(gone.name());
        copies.of(bundle).filter(_ -> watched.add(bundle)).ifPresent(before -> {
            // What it was when it went; whether it is updated shows later.
            Swap swap = begin(gone.name(), bundle, before.version());
            var comeback = new Comeback(tools, before, List.copyOf(modules), bundle, deploy, swap);
            environment.threads().background().execute(() -> follow(comeback, bundle, swap));
        });
    }

    private void follow(Comeback comeback, Bundle bundle, Swap swap) {
        try {
            comeback.watch(() -> stopped);
            swap.kind(comeback.isUpdate() ? Swap.Kind.UPDATE : Swap.Kind.RESTART);
            if (!stopped) {
                tell(swap);
                settle(bundle);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            watched.remove(bundle);
        }
    }

    private void settle(Bundle bundle) {
        if (bundle.getState() == Bundle.UNINSTALLED) {
            copies.drop(bundle);
        } else if (!versions.names(bundle).isEmpty()) {
            copies.keep(bundle);
        }
    }

    private Swap begin(String module, Bundle bundle, String from) {
        var swap = new Swap(environment.clock().wallMs(), module, bundle.getSymbolicName(), from);
        history.add(swap);
        return swap;
    }

    private void tell(Swap swap) {
        Outcome outcome = swap.outcome();
        LOG.log(outcome == Outcome.SWAPPED ? Level.INFO : Level.WARNING, swap.toString());
        handOver.tell(swap.module(), outcome);
    }

    private Map<String, Object> swap(String module, String file) throws StorageException {
        begin();
        try {
            return swap(versions.named(module).orElseThrow(() -> StorageException.failure(
                Errno.ENODEV, "karst_module_swap: there is no block device module " + module)), file);
        } finally {
            turns.swapEnds();
        }
    }

    private void begin() throws StorageException {
        try {
            if (!turns.swapBegins()) {
                throw StorageException.failure(Errno.EBUSY, "karst_module_swap: another module is being replaced; try again");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw StorageException.failure(
                Errno.EINTR, "karst_module_swap: stopped while it waited for features to be installed");
        }
        if (stopped) {
            throw StorageException.failure(Errno.EBUSY, "karst_module_swap: this bundle is being replaced itself; try again");
        }
    }

    private Map<String, Object> swap(Versions.Version present, String file) throws StorageException {
        Bundle bundle = present.bundle();
        Jar next = jar(file, bundle);
        if (!next.symbolicName().equals(bundle.getSymbolicName())) {
            throw StorageException.failure(Errno.EINVAL, "karst_module_swap: the jar is the bundle " + next.symbolicName()
                + ", and the module " + present.name() + " is of " + bundle.getSymbolicName());
        }
        if (!watched.add(bundle)) {
            throw StorageException.failure(Errno.EBUSY, "karst_module_swap: " + bundle.getSymbolicName()
                + " is being replaced; try again");
        }
        try {
            Swap swap = begin(present.name(), bundle, bundle.getVersion().toString());
            swap.kind(Swap.Kind.PLANNED);
            swap.to(next.version());
            return run(swap, new PlannedSwap(tools, bundle, versions.names(bundle), swap), next, present(bundle));
        } finally {
            watched.remove(bundle);
            settle(bundle);
        }
    }

    private Map<String, Object> run(Swap swap, PlannedSwap planned, Jar next, Jar last) throws StorageException {
        try {
            planned.run(next, last);
            return swap.json(history.idOf(swap));
        } finally {
            tell(swap);
        }
    }

    private static Jar present(Bundle bundle) throws StorageException {
        try {
            return Jar.of(bundle);
        } catch (IOException e) {
            throw StorageException.failure(Errno.EIO, "karst_module_swap: " + bundle.getSymbolicName()
                + " cannot be read: " + Reasons.of(e));
        }
    }

    /** Relative paths start at the data folder. */
    private static Jar jar(String file, Bundle bundle) throws StorageException {
        String from = file.isEmpty() ? bundle.getLocation() : file;
        try {
            URI address = file.isEmpty() ? URI.create(from) : DataFolder.resolve(file).toUri();
            return Jar.at(address);
        } catch (IOException | IllegalArgumentException e) {
            throw StorageException.failure(Errno.ENOENT, "karst_module_swap: no new version in " + from + ": " + Reasons.of(e));
        }
    }
}
