package dev.karst.bdev.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev.State;
import dev.karst.bdev.BdevRegistry;
import dev.karst.bdev.MediaEvent;
import dev.karst.bdev.core.fence.Faults;
import dev.karst.bdev.core.claim.Claims;
import dev.karst.bdev.core.left.LeftDevice;
import dev.karst.bdev.core.notice.Notices;
import dev.karst.bdev.core.swap.HandOver;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.ModuleHandOver;
import dev.karst.env.Environment;
import dev.karst.reactor.Reactors;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The modules that are there, in the order in which they came. Several may have one name: versions of one module. */
final class Modules implements ModuleHandOver {
    static final int MOST_KEPT = 1024;
    private static final System.Logger LOG = System.getLogger(Modules.class.getName());

    /** How long a client's call to a module that has just come waits until the devices that it left are back. */
    private static final long RETURN_MS = 5_000;
    /** Bound where a module is started and has its devices brought back. */
    private static final ScopedValue<Boolean> BEGINNING = ScopedValue.newInstance();

    /** What one bound module holds in its hands, until it is revoked. */
    static final class Host implements BdevHost {
        private final BlockLayer layer;
        private final BdevModule module;
        private final String moduleName;
        /** Its bundle, with the version; else its package. */
        final String origin;
        final Faults faults = new Faults();
        private final CountDownLatch begun = new CountDownLatch(1);
        private volatile boolean revoked;

        Host(BlockLayer layer, BdevModule module, String origin) {
            this.layer = layer;
            this.module = module;
            this.moduleName = module.name();
            this.origin = origin;
        }

        BdevModule module() {
            return module;
        }

        String moduleName() {
            return moduleName;
        }

        void revoke() {
            revoked = true;
        }

        /** @throws StorageException ENODEV when it is revoked */
        void check() throws StorageException {
            if (revoked) {
                throw StorageException.failure(Errno.ENODEV, "the module " + moduleName + " has been taken from the block layer");
            }
        }

        @Override
        public Environment environment() {
            return layer.environment();
        }

        @Override
        public Reactors reactors() {
            return layer.reactors();
        }

        /** For a client that creates: what the module left must be back before, or the new device could take its place. */
        @Override
        public BdevRegistry registry() {
            if (!BEGINNING.isBound()) {
                awaitBegun();
            }
            return layer;
        }

        private void awaitBegun() {
            try {
                if (!begun.await(RETURN_MS, TimeUnit.MILLISECONDS)) {
                    LOG.log(Level.WARNING, "The module {0} takes long to bring its devices back", moduleName);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void register(ModuleBdev bdev, CreationRecord record) throws StorageException {
            check();
            layer.register(this, bdev, record);
        }

        @Override
        public void unregister(String name) throws StorageException {
            check();
            layer.unregister(this, name);
        }

        @Override
        public void keep(CreationRecord record) throws StorageException {
            check();
            layer.modules().keep(moduleName, record);
        }

        @Override
        public void keepFirst(CreationRecord record) throws StorageException {
            check();
            layer.modules().keepFirst(moduleName, record);
        }

        @Override
        public boolean drop(String name) {
            return !revoked && layer.modules().drop(moduleName, name);
        }

        @Override
        public List<CreationRecord> kept() {
            return revoked ? List.of() : layer.modules().kept(moduleName);
        }

        @Override
        public void mediaEvents(String name, List<MediaEvent> events) throws StorageException {
            check();
            layer.mediaEvents(this, name, events);
        }

        @Override
        public void resized(String name, long blocks) throws StorageException {
            check();
            layer.resized(this, name, blocks);
        }

        @Override
        public void resized(String name, long blocks, CreationRecord record) throws StorageException {
            check();
            layer.resized(this, name, blocks, record);
        }
    }

    private final BlockLayer layer;
    /** Guarded by the layer's lock. */
    private final List<Host> hosts = new ArrayList<>();
    /** Creations that wait, by the modules' names. Guarded by the layer's lock. */
    private final Map<String, List<CreationRecord>> kept = new LinkedHashMap<>();

    /** Calls that devices come from, by the modules' names. Guarded by the layer's lock. */
    private final Map<String, List<CreationRecord>> first = new LinkedHashMap<>();

    Modules(BlockLayer layer) {
        this.layer = layer;
    }

    void add(BdevModule module, String origin) {
        var host = new Host(layer, module, origin);
        synchronized (layer.lock) {
            hosts.add(host);
        }
        try {
            ScopedValue.where(BEGINNING, true).run(() -> begin(host));
        } finally {
            host.begun.countDown();
        }
        layer.present().forEach(bdev -> layer.examinations().examine(bdev, List.of(module)));
    }

    private void begin(Host host) {
        try {
            host.module().start(host);
        } catch (RuntimeException e) {
            take(host.module());
            throw e;
        }
        restoreParked(host);
        layer.returning().bringBack();
    }

    /** All that are there. */
    List<BdevModule> all() {
        synchronized (layer.lock) {
            return hosts.stream().map(Host::module).toList();
        }
    }

    private void keep(String module, CreationRecord record) throws StorageException {
        synchronized (layer.lock) {
            List<CreationRecord> of = kept.computeIfAbsent(module, _ -> new ArrayList<>());
            if (of.stream().anyMatch(other -> other.name().equals(record.name()))) {
                throw StorageException.failure(Errno.EEXIST, "a block device " + record.name() + " waits to be made already");
            }
            add(module, of, record);
        }
    }

    private static void add(String module, List<CreationRecord> kept, CreationRecord record) throws StorageException {
        if (kept.size() >= MOST_KEPT) {
            throw StorageException.failure(
                Errno.ENOSPC, MOST_KEPT + " calls of the module " + module + " are kept, the most; delete something");
        }
        kept.add(record);
    }

    private void keepFirst(String module, CreationRecord record) throws StorageException {
        synchronized (layer.lock) {
            List<CreationRecord> of = first.computeIfAbsent(module, _ -> new ArrayList<>());
            of.removeIf(other -> other.name().equals(record.name()));
            add(module, of, record);
        }
    }

    private boolean drop(String module, String name) {
        synchronized (layer.lock) {
            return Stream.of(first, kept)
                .anyMatch(map -> map.getOrDefault(module, new ArrayList<>()).removeIf(record -> record.name().equals(name)));
        }
    }

    private List<CreationRecord> kept(String module) {
        synchronized (layer.lock) {
            return Stream.of(first, kept).flatMap(map -> map.getOrDefault(module, List.of()).stream()).toList();
        }
    }

    List<CreationRecord> kept() {
        synchronized (layer.lock) {
            return kept.values().stream().flatMap(List::stream).toList();
        }
    }

    List<LeftDevice> first() {
        synchronized (layer.lock) {
            return first.entrySet().stream()
                .flatMap(of -> of.getValue().stream().map(record -> new LeftDevice(of.getKey(), record))).toList();
        }
    }

    /** Has the module bring back what waits for it. What it cannot bring back stays parked until its time is up. */
    private void restoreParked(Host host) {
        for (CoreBdev bdev : layer.remaining()) {
            if (bdev.state() == State.PARKED && bdev.moduleName().equals(host.moduleName())) {
                try {
                    bringBack(host, bdev);
                } catch (StorageException e) {
                    LOG.log(Level.WARNING, "The module {0} could not bring back {1}, which stays parked: {2}",
                        host.moduleName(), bdev.name(), e.getMessage());
                }
            }
        }
    }

    /** Has the module bring back one that is parked. */
    private static void bringBack(Host host, CoreBdev bdev) throws StorageException {
        try {
            host.layer.parking().bringBack(bdev, () -> Claims.standingFor(bdev, () -> restore(host, bdev)));
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "The module " + host.moduleName() + " threw while it brought back " + bdev.name(), e);
            throw StorageException.failure(
                Errno.EIO, "the module " + host.moduleName() + " threw " + e + " while it brought back " + bdev.name());
        }
        if (bdev.host() != host) {
            throw StorageException.failure(
                Errno.EIO, "the module " + host.moduleName() + " registered nothing when it was to bring back "
                + bdev.name());
        }
    }

    private static Void restore(Host host, CoreBdev bdev) throws StorageException {
        host.module().restore(bdev.record());
        return null;
    }

    void remove(BdevModule module) {
        Host host = take(module);
        if (host == null) {
            return;
        }
        host.revoke();
        layer.examinations().gone(module);
        layer.parking().park(beginToDrain(host, layer.remaining()));
        stop(host);
        Host successor = named(host.moduleName());
        if (successor != null) {
            restoreParked(successor);
        }
    }

    private Host take(BdevModule module) {
        synchronized (layer.lock) {
            Host found = find(module).orElse(null);
            hosts.remove(found);
            return found;
        }
    }

    @Override
    public boolean isBound(BdevModule module) {
        return find(module).isPresent();
    }

    @Override
    public boolean hasRestored(BdevModule module) {
        return find(module).filter(host -> host.begun.getCount() == 0).isPresent();
    }

    private Optional<Host> find(BdevModule module) {
        synchronized (layer.lock) {
            return hosts.stream().filter(host -> host.module() == module).findFirst();
        }
    }

    @Override
    public Moved handOver(BdevModule from, BdevModule to) throws StorageException {
        Host old = bound(from);
        Host next = bound(to);
        if (old == next || !old.moduleName().equals(next.moduleName())) {
            throw StorageException.failure(
                Errno.EINVAL, "the module " + next.moduleName() + " is no other version of " + old.moduleName());
        }
        List<CoreBdev> bdevs = layer.remaining().stream().filter(bdev -> bdev.moduleName().equals(old.moduleName())).toList();
        return new HandOver<>(new Steps(), old, next).run(bdevs);
    }

    @Override
    public void tell(String module, Outcome outcome) {
        layer.notices().add(Notices.Kind.of(outcome), module);
    }

    private Host bound(BdevModule module) throws StorageException {
        return find(module).orElseThrow(() -> StorageException.failure(
            Errno.ENODEV, "the block layer has not taken the module " + module.name() + ", or has let it go"));
    }

    /** How one device moves. */
    private final class Steps implements HandOver.Steps<Host, CoreBdev> {
        @Override
        public boolean take(Host from, CoreBdev bdev) {
            List<CoreBdev> begun = beginToDrain(from, List.of(bdev));
            layer.parking().park(begun);
            return !begun.isEmpty();
        }

        /** One that somebody deletes meanwhile is not missed. */
        @Override
        public void bringBack(Host to, CoreBdev bdev) throws StorageException {
            if (isGoing(bdev)) {
                return;
            }
            try {
                Modules.bringBack(to, bdev);
            } catch (StorageException e) {
                if (!isGoing(bdev)) {
                    throw e;
                }
            }
        }

        @Override
        public boolean isStranded(CoreBdev bdev) {
            return bdev.isStranded();
        }

        private boolean isGoing(CoreBdev bdev) {
            synchronized (layer.lock) {
                return bdev.state() == State.REMOVING || !layer.knows(bdev);
            }
        }

        @Override
        public String name(CoreBdev bdev) {
            return bdev.name();
        }

        @Override
        public long nowNanos() {
            return layer.environment().clock().nanos();
        }
    }

    /** The module of that name that came first; null when there is none. */
    Host named(String name) {
        synchronized (layer.lock) {
            return hosts.stream().filter(host -> host.moduleName().equals(name)).findFirst().orElse(null);
        }
    }

    /** Those of these devices that are online with it, marked as draining. One that changes otherwise is waited for. */
    private List<CoreBdev> beginToDrain(Host host, List<CoreBdev> among) {
        List<CoreBdev> begun = new ArrayList<>();
        for (CoreBdev bdev : among) {
            boolean unsettled = true;
            while (unsettled) {
                CompletableFuture<Void> other = beginToDrain(host, bdev, begun);
                unsettled = other != null && layer.removal().settled(other);
            }
        }
        return begun;
    }

    /** Gives the change to wait for; null when it is marked, or not to be. */
    private CompletableFuture<Void> beginToDrain(Host host, CoreBdev bdev, List<CoreBdev> begun) {
        synchronized (layer.lock) {
            boolean changes = bdev.change() != null;
            if (!bdev.moduleName().equals(host.moduleName()) || !layer.knows(bdev)) {
                return null;
            }
            if (!changes && bdev.host() == host) {
                bdev.begin(State.DRAINING);
                begun.add(bdev);
            }
            return changes ? bdev.change() : null;
        }
    }

    private static void stop(Host host) {
        try {
            host.module().stop();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "The module " + host.moduleName() + " threw while it stopped", e);
        }
    }

    void stopAll() {
        List<Host> all;
        synchronized (layer.lock) {
            all = List.copyOf(hosts);
        }
        for (Host host : all.reversed()) {
            layer.remaining().reversed().stream().filter(bdev -> bdev.host() == host).forEach(layer.removal()::leave);
            remove(host.module());
        }
    }
}
