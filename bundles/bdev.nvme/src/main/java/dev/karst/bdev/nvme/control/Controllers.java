package dev.karst.bdev.nvme.control;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.nvme.io.NamespaceBdev;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.NvmeDriver;
import dev.karst.nvme.NvmeNamespace;
import dev.karst.nvme.TransportId;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** All controllers of the module, by name; one thing happens to them at a time. Control threads; calls may block. */
public final class Controllers {
    private static final System.Logger LOG = System.getLogger(Controllers.class.getName());
    private static final UUID NO_UUID = new UUID(0, 0);
    private static final String PCI = "PCIE";
    /** Linux, EALREADY, which SPDK gives. */
    private static final int EALREADY = 114;

    private final BdevHost host;
    private final Turns turns = new Turns();
    private final Map<String, ControllerGroup> groups = new LinkedHashMap<>();
    private final NamespaceSync sync;
    private final ControllerEvents events;
    private final PathUse paths;
    private volatile NvmeDriver driver;

    /** None, in that block layer. */
    public Controllers(BdevHost host) {
        this.host = host;
        events = new ControllerEvents(this, host, turns);
        sync = new NamespaceSync(host, events);
        paths = new PathUse(turns, groups, sync);
    }

    NamespaceSync sync() {
        return sync;
    }

    /** How the paths of their devices are used. */
    public PathUse paths() {
        return paths;
    }

    long nowNanos() {
        return host.environment().clock().nanos();
    }

    /** What is set, in turn. */
    public Settings settings() throws StorageException {
        return turns.call(sync::settings);
    }

    /** Sets what holds from now on. */
    public void settings(Settings settings) throws StorageException {
        turns.call(() -> {
            sync.settings(settings);
            groups.values().forEach(this::publish);
            return null;
        });
    }

    private void publish(ControllerGroup group) {
        group.bdevs().keySet().forEach(nsid -> sync.publish(group, nsid));
    }

    // The driver.

    /** There is a driver now: controllers that are missing are attached. */
    public void driver(NvmeDriver driver) {
        this.driver = driver;
        host.environment().threads().background().execute(() -> turns.event(this::attachMissing));
    }

    /** The driver is gone, and its controllers with it. */
    public void noDriver(NvmeDriver gone) {
        if (driver == gone) {
            driver = null;
            turns.event(() -> each(AttachedController::leave));
        }
    }

    private void each(Consumer<AttachedController> action) {
        groups.values().forEach(group -> List.copyOf(group.controllers()).forEach(action));
    }

    private void attachMissing() {
        for (ControllerGroup group : List.copyOf(groups.values())) {
            try {
                connect(group);
                sync.follow(group);
            } catch (StorageException e) {
                LOG.log(Level.WARNING, "{0} is not back: {1}", group.name(), e.getMessage());
            }
        }
    }

    private NvmeDriver needDriver() throws StorageException {
        NvmeDriver now = driver;
        if (now == null) {
            throw StorageException.failure(Errno.EAGAIN, "there is no NVMe driver; start the bundle nvme");
        }
        return now;
    }

    /** Controllers at the machine's bus; none without a driver. */
    public List<TransportId> probe() {
        NvmeDriver now = driver;
        return now == null ? List.of() : now.probe();
    }

    /** What a discovery controller knows; see {@link NvmeDriver#discover}. */
    public List<TransportId> discover(TransportId id, ControllerOptions options) throws StorageException {
        return needDriver().discover(id, options);
    }

    /** Stays with a discovery controller; see {@link NvmeDriver#follow}. */
    public NvmeDriver.Following follow(TransportId id, ControllerOptions options, Runnable changed) throws StorageException {
        return needDriver().follow(id, options, changed);
    }

    /** Those that came by themselves under such a name, with a number behind it: where they are, and their names. */
    public Map<TransportId, String> found(String stem) throws StorageException {
        return turns.call(() -> {
            Map<TransportId, String> found = new LinkedHashMap<>();
            each(controller -> {
                Attachment attachment = controller.attachment();
                if (attachment.found() && attachment.name().matches(Pattern.quote(stem) + "\\d+")) {
                    found.put(attachment.id(), attachment.name());
                }
            });
            return found;
        });
    }

    // Attaching and detaching.

    /**
     * Attaches a controller, or one more under a name.
     *
     * @return the names of the devices that it is a path to
     * @throws StorageException EALREADY when it is attached, or the name is taken and shall be alone; EINVAL when it is no way to the
     *     same subsystem; or what the driver says
     */
    public List<String> attach(Attachment attachment) throws StorageException {
        return turns.call(() -> {
            ControllerGroup group = groups.get(attachment.name());
            check(group, attachment);
            ControllerGroup into = group == null ? new ControllerGroup(attachment.name()) : group;
            var added = new AttachedController(attachment, host.reactors().all().size());
            connect(added);
            try {
                checkSubsystem(into, added);
                keep(attachment);
            } catch (StorageException e) {
                added.detach();
                throw e;
            }
            into.controllers().add(added);
            groups.put(into.name(), into);
            sync.follow(into);
            return added.namespaces().keySet().stream().map(into::bdevName).toList();
        });
    }

    private void check(ControllerGroup group, Attachment attachment) throws StorageException {
        for (ControllerGroup other : groups.values()) {
            for (AttachedController each : other.controllers()) {
                if (each.attachment().id().equals(attachment.id())) {
                    throw already(attachment, "is attached already as " + other.name() + "; detach it first");
                }
            }
        }
        if (group == null || group.controllers().isEmpty()) {
            return;
        }
        Attachment first = group.controllers().getFirst().attachment();
        if (attachment.alone() || first.alone()) {
            throw already(attachment, "cannot have the name, which " + first.id() + " has and multipath is disabled");
        }
        if (!first.id().subsystem().equals(attachment.id().subsystem())) {
            throw StorageException.failure(
                Errno.EINVAL, attachment.id() + " is no path to " + first.id() + ", whose subsystem is another");
        }
    }

    private static StorageException already(Attachment attachment, String why) {
        return StorageException.errno(EALREADY, "Operation already in progress: " + attachment.id() + " " + why);
    }

    /** Two controllers at the bus are two subsystems, unless they say otherwise. */
    private static void checkSubsystem(ControllerGroup group, AttachedController added) throws StorageException {
        String subsystem = added.controller().data().subsystem();
        for (AttachedController each : group.controllers()) {
            NvmeController other = each.controller();
            boolean differs = other != null && !other.data().subsystem().equals(subsystem);
            if (differs || added.attachment().id().type().equals(PCI) && subsystem.isEmpty()) {
                throw StorageException.failure(Errno.EINVAL, added.attachment().id() + " is of the subsystem " + subsystem
                    + ", no path to " + each.attachment().id());
            }
        }
    }

    private void keep(Attachment attachment) throws StorageException {
        host.keepFirst(new CreationRecord(
            attachment.found() ? "" : Attachment.METHOD, attachment.parameters(), attachment.key(), NO_UUID));
    }

    /** Has the driver attach it, unless it is attached and nobody's. */
    void connect(AttachedController added) throws StorageException {
        Attachment attachment = added.attachment();
        NvmeDriver with = needDriver();
        NvmeController known = with.controller(attachment.id()).orElse(null);
        NvmeController controller = known == null ? with.attach(attachment.id(), attachment.options()) : known;
        added.take(controller, events);
        if (controller.state() == NvmeController.State.DETACHED) {
            added.leave();
            throw StorageException.failure(Errno.ENOTCONN, attachment.id() + " was detached; wait until the driver is back");
        }
    }

    /**
     * Connects those of the group that are not.
     *
     * @throws StorageException why the last of them could not be, when none is
     */
    private void connect(ControllerGroup group) throws StorageException {
        StorageException failure = null;
        boolean any = false;
        for (AttachedController each : group.controllers()) {
            try {
                if (each.controller() == null && !each.isDisabled()) {
                    connect(each);
                }
                any |= each.controller() != null;
            } catch (StorageException e) {
                failure = e;
                events.tryLater(each);
            }
        }
        if (failure != null && !any) {
            throw failure;
        }
    }

    /** Connects one that is still to be there and is not. */
    void connectAgain(AttachedController controller) {
        ControllerGroup group = groupOf(controller);
        if (group == null || controller.controller() != null || controller.isDisabled() || driver == null) {
            return;
        }
        try {
            connect(controller);
            sync.follow(group);
        } catch (StorageException e) {
            events.tryLater(controller);
        }
    }

    /** The one that it is of; null once it was taken away. */
    ControllerGroup groupOf(AttachedController controller) {
        return groups.values().stream().filter(group -> group.controllers().contains(controller)).findFirst().orElse(null);
    }

    /** The one that has it; null for none. */
    AttachedController find(NvmeController controller) {
        return groups.values().stream().flatMap(group -> group.controllers().stream())
            .filter(each -> each.controller() == controller).findFirst().orElse(null);
    }

    /**
     * Detaches the controllers of that name which the filter takes; devices without another path go.
     *
     * @throws StorageException ENODEV when there are none; EAGAIN while a device of them is parked
     */
    public void detach(String name, Predicate<TransportId> filter) throws StorageException {
        turns.call(() -> {
            ControllerGroup group = groups.get(name);
            List<AttachedController> these = group == null ? List.of()
                : group.controllers().stream().filter(each -> filter.test(each.attachment().id())).toList();
            if (these.isEmpty()) {
                throw noSuchDevice();
            }
            checkParked(group);
            remove(group, these);
            return null;
        });
    }

    /** Who takes the controller away now would leave a device behind that waits for it in vain. */
    private void checkParked(ControllerGroup group) throws StorageException {
        for (AttachedController each : group.controllers()) {
            for (NvmeNamespace namespace : each.known()) {
                String bdev = group.bdevName(namespace.nsid());
                if (sync.registry().find(bdev).filter(found -> found.state() == Bdev.State.PARKED).isPresent()) {
                    throw StorageException.failure(
                        Errno.EAGAIN, bdev + " is parked, since its module was replaced; wait until it is back");
                }
            }
        }
    }

    /** Devices go while their paths are there, so that what is in flight ends well. */
    void remove(ControllerGroup group, List<AttachedController> these) {
        for (int nsid : List.copyOf(group.bdevs().keySet())) {
            boolean stays = group.controllers().stream()
                .anyMatch(each -> !these.contains(each) && each.namespaces().containsKey(nsid));
            if (!stays) {
                sync.unregister(group, nsid);
            }
        }
        group.controllers().removeAll(these);
        publish(group);
        for (AttachedController each : these) {
            host.drop(each.attachment().key());
            each.detach();
        }
        if (group.controllers().isEmpty()) {
            groups.remove(group.name());
        }
    }

    /** A device is gone; queue pairs that nobody needs any more are closed. */
    void forget(NamespaceBdev bdev) {
        for (ControllerGroup group : groups.values()) {
            group.bdevs().values().remove(bdev);
            for (AttachedController each : group.controllers()) {
                each.namespaces().values().removeAll(bdev.multipath().paths());
                if (each.namespaces().isEmpty()) {
                    each.closeQueues();
                }
            }
        }
    }

    /** @return ENODEV with just the words that clients of SPDK look for */
    static StorageException noSuchDevice() {
        return StorageException.errno(Errno.ENODEV, Errno.text(Errno.ENODEV));
    }

    // What can be done to them.

    /** Something that is done with what there is, in turn. */
    @FunctionalInterface
    public interface View<T> {
        T of(List<ControllerGroup> groups) throws StorageException;
    }

    /** Looks at all of them while nothing changes. */
    public <T> T look(View<T> view) throws StorageException {
        return turns.call(() -> view.of(List.copyOf(groups.values())));
    }

    /**
     * The controllers of that name.
     *
     * @param cntlid only the one of that number; -1 for all
     * @throws StorageException ENODEV when there is none
     */
    public List<AttachedController> named(String name, long cntlid) throws StorageException {
        return turns.call(() -> {
            ControllerGroup group = groups.get(name);
            List<AttachedController> these = new ArrayList<>();
            if (group != null && cntlid < 0) {
                these.addAll(group.controllers());
            } else if (group != null) {
                group.numbered(cntlid).ifPresent(these::add);
            }
            if (these.isEmpty()) {
                throw noSuchDevice();
            }
            return these;
        });
    }

    /** Resets a controller; I/O goes on. */
    public void reset(AttachedController controller) throws StorageException {
        NvmeController attached = controller.controller();
        if (attached == null) {
            throw StorageException.failure(
                Errno.ENOTCONN, controller.attachment().id() + " is not attached; enable it, or wait until it is back");
        }
        attached.reset();
    }

    /** Detaches it and keeps its place: its devices stay, and I/O waits for it or goes another way. */
    public void disable(AttachedController controller) throws StorageException {
        turns.call(() -> {
            if (controller.isDisabled()) {
                throw already(controller.attachment(), "is disabled already");
            }
            controller.disable(true);
            controller.detach();
            return null;
        });
    }

    /** Attaches it again. */
    public void enable(AttachedController controller) throws StorageException {
        turns.call(() -> {
            if (!controller.isDisabled()) {
                throw already(controller.attachment(), "is enabled already");
            }
            connect(controller);
            controller.disable(false);
            ControllerGroup group = groupOf(controller);
            if (group != null) {
                sync.follow(group);
                publish(group);
            }
            return null;
        });
    }

    // Versions of the module.

    /** Takes over a controller that an earlier version attached, as soon as the driver has it. */
    public void adopt(Attachment attachment) throws StorageException {
        turns.call(() -> {
            ControllerGroup group = groups.computeIfAbsent(attachment.name(), ControllerGroup::new);
            if (group.controllers().stream().noneMatch(each -> each.attachment().id().equals(attachment.id()))) {
                group.controllers().add(new AttachedController(attachment, host.reactors().all().size()));
                keep(attachment);
            }
            return null;
        });
    }

    /**
     * Brings back the device of a namespace.
     *
     * @throws StorageException ENODEV when there is no such controller or namespace; or why the controller is not there
     */
    public void restore(String name, int nsid) throws StorageException {
        turns.call(() -> {
            ControllerGroup group = groups.get(name);
            if (group == null) {
                throw StorageException.failure(Errno.ENODEV, "no controller " + name + " is attached");
            }
            connect(group);
            if (!group.bdevs().containsKey(nsid)) {
                sync.register(group, nsid);
            }
            return null;
        });
    }

    /** The module goes: controllers stay attached, for the next version of it. */
    public void leave() {
        turns.event(() -> {
            each(AttachedController::leave);
            groups.clear();
        });
    }
}
