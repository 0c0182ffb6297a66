package dev.karst.rpc.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.ChangeJournal;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcCaller;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.rpc.RpcRegistry;
import dev.karst.rpc.RpcUser;
import dev.karst.rpc.desired.DesiredMethods;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * The registry: whatever service offers methods is in it while it lives. Of a name that is offered twice the first
 * offer stays until it goes; then the second takes its place, as when a new version of a module stands beside the old.
 */
@Component(immediate = true, service = RpcRegistry.class)
public final class WhiteboardRegistry implements RpcRegistry {
    private static final System.Logger LOG = System.getLogger(WhiteboardRegistry.class.getName());
    /** How long a layer that goes waits for its last calls; below the container's bound for an unbind. */
    private static final long WITHDRAW_MS = 3000;
    /** On whose behalf the running code calls. */
    private static final ScopedValue<RpcUser> USER = ScopedValue.newInstance();

    private final List<MethodOffer> offers = new CopyOnWriteArrayList<>();
    private final List<ConfigSource> sources = new CopyOnWriteArrayList<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final List<LayerListener> layerListeners = new CopyOnWriteArrayList<>();
    private final SavedChanges changes = new SavedChanges();
    private final HeldStart start;
    private volatile Map<String, Entry> entries = Map.of();

    /** A method and who offers it. */
    private record Entry(RpcMethod method, MethodOffer offer) {
        Object call(RpcCall call) throws StorageException {
            try {
                return offer.call(method, call);
            } catch (RuntimeException | Error e) {
                throw internal(method.name(), e);
            }
        }
    }

    @Activate
    public WhiteboardRegistry(BundleContext context) {
        this(FrameworkMethods.Host.of(context));
    }

    /** The registry's own methods are not a service, as that service would need this one. */
    WhiteboardRegistry(FrameworkMethods.Host host) {
        start = host.start();
        add(new FrameworkMethods(this, host));
        add(new DesiredMethods(this));
    }

    /** A layer came. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addMethods(RpcMethods service) {
        add(service);
    }

    private void add(RpcMethods service) {
        MethodOffer offer = new MethodOffer(service, service.methods());
        List<String> twice = offer.methods().stream().map(RpcMethod::name).filter(name -> isForeign(name, service)).toList();
        if (!twice.isEmpty()) {
            LOG.log(System.Logger.Level.WARNING, "rpc: offered twice, the first stays: " + String.join(", ", twice));
        }
        offers.add(offer);
        refresh();
    }

    /** Whether it is offered already, and not by another version of the same service, which a swap puts beside it for a moment. */
    private boolean isForeign(String name, RpcMethods service) {
        Entry entry = entries.get(name);
        return entry != null && !entry.offer.isOfVersionOf(service);
    }

    /** A layer goes; its calls have ended, or had their time, when this returns. */
    void removeMethods(RpcMethods service) {
        List<MethodOffer> gone = offers.stream().filter(offer -> offer.isOf(service)).toList();
        offers.removeAll(gone);
        refresh();
        gone.forEach(offer -> offer.withdraw(WITHDRAW_MS));
    }

    /** A layer's state came. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addSource(ConfigSource source) {
        sources.add(source);
        layerListeners.forEach(listener -> listener.arrived(source));
    }

    /** A layer's state goes; its own methods have before. */
    void removeSource(ConfigSource source) {
        if (source instanceof RpcMethods methods) {
            removeMethods(methods);
        }
        if (!changes.between(() -> layerListeners.forEach(listener -> listener.leaving(source)), WITHDRAW_MS)) {
            LOG.log(System.Logger.Level.WARNING, "rpc: {0} goes while something is changed; what it holds is back after the next"
                + " start", source.subsystem());
        }
        sources.remove(source);
    }

    /** Changes can be kept from now on. */
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    public void setJournal(ChangeJournal journal) {
        changes.begin(journal);
    }

    /** They cannot be kept any more; none is under way when this returns. */
    void unsetJournal(ChangeJournal journal) {
        changes.end(journal);
    }

    private void refresh() {
        synchronized (offers) {
            Map<String, Entry> fresh = new TreeMap<>();
            for (MethodOffer offer : offers) {
                offer.methods().forEach(method -> fresh.putIfAbsent(method.name(), new Entry(method, offer)));
            }
            entries = fresh;
        }
        listeners.forEach(Runnable::run);
    }

    @Override
    public List<RpcMethod> methods() {
        return entries.values().stream().map(Entry::method).toList();
    }

    @Override
    public Optional<RpcMethod> method(String name) {
        return Optional.ofNullable(entries.get(name)).map(Entry::method);
    }

    @Override
    public Object call(String name, Map<String, Object> parameters) throws StorageException {
        return call(name, parameters, RpcCaller.PATIENT);
    }

    @Override
    public Object call(String name, Map<String, Object> parameters, RpcCaller caller) throws StorageException {
        Entry entry = find(name);
        Optional<RpcUser> user = caller.user().or(() -> USER.isBound() ? Optional.of(USER.get()) : Optional.empty());
        return user.isEmpty() ? make(entry, parameters, caller) : makeFor(user.get(), entry, parameters, caller);
    }

    private Object makeFor(RpcUser user, Entry entry, Map<String, Object> parameters, RpcCaller caller)
        throws StorageException {
        RpcMethod method = entry.method();
        Audit.Call call = () -> ScopedValue.where(USER, user).call(() -> {
            checkRole(user, method);
            return make(entry, parameters, caller);
        });
        return Audit.covers(method) ? Audit.told(user, method, parameters, call) : call.make();
    }

    private static void checkRole(RpcUser user, RpcMethod method) throws StorageException {
        if (user.role().compareTo(method.role()) < 0) {
            throw StorageException.errno(
                Errno.EACCES, method.name() + " needs the role " + method.role() + "; yours is " + user.role());
        }
    }

    private Object make(Entry entry, Map<String, Object> parameters, RpcCaller caller) throws StorageException {
        RpcMethod method = entry.method();
        RpcCall call = prepare(entry, parameters, caller);
        start.check(method);
        if (!method.saved()) {
            return entry.call(call);
        }
        return start.isHeld()
            ? changes.makeUnkept(() -> entry.call(call)) : changes.make(method, call, () -> entry.call(call));
    }

    @Override
    public Object replay(String name, Map<String, Object> parameters) throws StorageException {
        start.await();
        Entry entry = find(name);
        return entry.call(prepare(entry, parameters, RpcCaller.PATIENT));
    }

    private Entry find(String name) throws StorageException {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw RpcError.methodNotFound(name);
        }
        return entry;
    }

    private static RpcCall prepare(Entry entry, Map<String, Object> parameters, RpcCaller caller) throws StorageException {
        return entry.offer().prepare(RpcChecks.check(entry.method(), parameters).parameters(), caller);
    }

    /** The log gets what the client must not: what was thrown, and where. */
    private static StorageException internal(String name, Throwable thrown) {
        StackTraceElement[] trace = thrown.getStackTrace();
        String where = trace.length == 0 ? "" : " at " + trace[0];
        LOG.log(System.Logger.Level.ERROR, "rpc: " + name + " threw " + thrown + where);
        return new StorageException(
            RpcError.INTERNAL_ERROR, "Internal error: " + name + " failed unexpectedly; see the log");
    }

    @Override
    public List<ConfigSource> configSources() {
        return SubsystemOrder.sort(List.copyOf(sources));
    }

    @Override
    public Watch watch(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public Watch watchLayers(LayerListener listener) {
        layerListeners.add(listener);
        return () -> layerListeners.remove(listener);
    }
}
