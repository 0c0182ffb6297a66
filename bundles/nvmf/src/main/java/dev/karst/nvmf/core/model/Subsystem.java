package dev.karst.nvmf.core.model;

import dev.karst.nvmf.ListenAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A subsystem: its namespaces, who may use it, where, and its controllers. Control threads change it by replacing
 * immutable values that reactors read; controllers come and go on their reactors.
 */
public final class Subsystem {
    /** Controllers at once. */
    public static final int MAX_CONTROLLERS = 1024;
    public static final int MIN_CNTLID = 1;
    public static final int MAX_CNTLID = 0xffef;

    /**
     * What a subsystem is.
     *
     * @param nqn its name
     * @param serial serial number, up to 20 characters
     * @param model model number, up to 40 characters
     * @param maxNamespaces highest NSID
     * @param minCntlid lowest controller identifier
     * @param maxCntlid highest controller identifier
     * @param anaReporting whether hosts are told how they can reach its namespaces (ANA)
     * @param limits how much one command may cover
     * @param hidden whether a host that may not use it is answered as if there were none of its name
     */
    public record Spec(
        String nqn, String serial, String model, int maxNamespaces, int minCntlid, int maxCntlid,
        boolean anaReporting, SizeLimits limits, boolean hidden) {}

    public final Spec spec;
    public final String nqn;
    public final String serial;
    public final String model;
    public final int maxNamespaces;
    public final boolean discovery;

    private volatile boolean anyHost;
    private volatile Set<String> hosts = Set.of();
    private volatile List<Listener> listeners = List.of();
    private final AtomicLong namespaceChanges = new AtomicLong();
    private volatile Namespace[] namespaces;
    private final ConcurrentHashMap<Integer, Controller> controllers = new ConcurrentHashMap<>();
    private final AtomicInteger lastCntlid;
    private volatile CompletableFuture<Void> deleted;
    private volatile boolean paused;

    public Subsystem(Spec spec, boolean discovery) {
        this.spec = spec;
        this.discovery = discovery;
        nqn = spec.nqn();
        serial = spec.serial();
        model = spec.model();
        maxNamespaces = spec.maxNamespaces();
        namespaces = new Namespace[maxNamespaces];
        anyHost = discovery;
        lastCntlid = new AtomicInteger(spec.minCntlid() - 1);
    }

    /** Whether the host may use it. */
    public boolean admits(String hostNqn) {
        return anyHost || hosts.contains(hostNqn);
    }

    /** Whether it can be reached at this listener; the discovery subsystem can at each. */
    public boolean isReachedAt(ListenAddress address) {
        return discovery || listener(address) != null;
    }

    /** Whether that host shall not learn that it is there, asking at this listener. */
    public boolean hidesFrom(String hostNqn, ListenAddress address) {
        return spec.hidden() && !(admits(hostNqn) && isReachedAt(address));
    }

    public boolean anyHost() {
        return anyHost;
    }

    public void anyHost(boolean allow) {
        anyHost = allow;
    }

    /** In the order in which they were allowed. */
    public Set<String> hosts() {
        return hosts;
    }

    /** Allows a host; false when it was allowed already. */
    public boolean addHost(String hostNqn) {
        var more = new LinkedHashSet<>(hosts);
        boolean isNew = more.add(hostNqn);
        hosts = more;
        return isNew;
    }

    public boolean removeHost(String hostNqn) {
        var fewer = new LinkedHashSet<>(hosts);
        boolean wasThere = fewer.remove(hostNqn);
        hosts = fewer;
        return wasThere;
    }

    public List<Listener> listeners() {
        return listeners;
    }

    /** The listener at an address, or null. */
    public Listener listener(ListenAddress address) {
        for (Listener listener : listeners) {
            if (listener.address.equals(address)) {
                return listener;
            }
        }
        return null;
    }

    public void addListener(Listener listener) {
        var more = new ArrayList<>(listeners);
        more.add(listener);
        listeners = List.copyOf(more);
    }

    public void removeListener(Listener listener) {
        var fewer = new ArrayList<>(listeners);
        fewer.remove(listener);
        listeners = List.copyOf(fewer);
    }

    /** Whether its commands are held for the time being. */
    public boolean isPaused() {
        return paused;
    }

    /** Reactors are told afterwards. */
    public void paused(boolean paused) {
        this.paused = paused;
    }

    /** ANA groups, whose identifiers begin with 1; 0 when it does not report them. */
    public int anaGroups() {
        return spec.anaReporting() ? maxNamespaces : 0;
    }

    /** How often namespaces came, went, were shown, hidden or moved to another ANA group. */
    public long namespaceChanges() {
        return namespaceChanges.get();
    }

    /** What hosts see of the namespaces has changed. */
    public void namespacesChanged() {
        namespaceChanges.incrementAndGet();
    }

    /** By NSID - 1, with null for those there are not. Not to be changed. */
    public Namespace[] namespaces() {
        return namespaces;
    }

    /** The namespace, or null. */
    public Namespace namespace(int nsid) {
        return nsid > 0 && nsid <= maxNamespaces ? namespaces[nsid - 1] : null;
    }

    /** Whether hosts see the protection information of a namespace. */
    public boolean showsProtection() {
        return Arrays.stream(namespaces).anyMatch(each -> each != null && each.metadata().protection() != 0);
    }

    /** Puts a namespace in its place, which is free. */
    public synchronized void put(Namespace namespace) {
        Namespace[] more = namespaces.clone();
        assert more[namespace.nsid - 1] == null : "there is a namespace already";
        more[namespace.nsid - 1] = namespace;
        namespaces = more;
    }

    /** Takes a namespace out; false when it is not there any more. */
    public synchronized boolean remove(Namespace namespace) {
        if (namespaces[namespace.nsid - 1] != namespace) {
            return false;
        }
        Namespace[] fewer = namespaces.clone();
        fewer[namespace.nsid - 1] = null;
        namespaces = fewer;
        return true;
    }

    /** A new controller for the queue, on the queue's reactor; null when there are too many or the subsystem goes. */
    public Controller newController(ConnectFields fields, TargetQueue queue) {
        if (controllers.size() >= MAX_CONTROLLERS) {
            return null;
        }
        int range = spec.maxCntlid() - spec.minCntlid() + 1;
        for (int tries = 0; tries < range; tries++) {
            int last = lastCntlid.getAndUpdate(id -> id >= spec.maxCntlid() ? spec.minCntlid() : id + 1);
            int cntlid = last >= spec.maxCntlid() ? spec.minCntlid() : last + 1;
            if (!controllers.containsKey(cntlid)) {
                var controller = new Controller(this, cntlid, fields, queue);
                if (controllers.putIfAbsent(cntlid, controller) == null) {
                    return kept(controller);
                }
                controller.discard();
            }
        }
        return null;
    }

    /** The successor of a controller that was handed over, under its identifier; null when that is taken or the subsystem goes. */
    public Controller takeOver(int cntlid, ConnectFields fields, TargetQueue queue) {
        var controller = new Controller(this, cntlid, fields, queue);
        if (controllers.size() < MAX_CONTROLLERS && controllers.putIfAbsent(cntlid, controller) == null) {
            return kept(controller);
        }
        controller.discard();
        return null;
    }

    private Controller kept(Controller controller) {
        if (deleted == null) {
            return controller;
        }
        controller.discard();
        gone(controller);
        return null;
    }

    public Controller controller(int cntlid) {
        return controllers.get(cntlid);
    }

    public Collection<Controller> controllers() {
        return controllers.values();
    }

    /** A controller and all of its queues have gone. */
    public void gone(Controller controller) {
        controllers.remove(controller.cntlid, controller);
        CompletableFuture<Void> waiting = deleted;
        if (waiting != null && controllers.isEmpty()) {
            waiting.complete(null);
        }
    }

    /** Takes no more controllers; the future completes when the last has gone. Ending them is the caller's. */
    public CompletableFuture<Void> delete() {
        var waiting = new CompletableFuture<Void>();
        deleted = waiting;
        if (controllers.isEmpty()) {
            waiting.complete(null);
        }
        return waiting;
    }
}
