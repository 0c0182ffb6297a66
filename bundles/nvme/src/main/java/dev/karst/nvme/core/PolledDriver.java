package dev.karst.nvme.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.NvmeDriver;
import dev.karst.nvme.NvmeEvents;
import dev.karst.nvme.TransportId;
import dev.karst.nvme.core.fabrics.Discovery;
import dev.karst.nvme.core.fabrics.FabricsLink;
import dev.karst.nvme.core.link.Link;
import dev.karst.nvme.core.link.Waits;
import dev.karst.nvme.core.ring.PciLink;
import dev.karst.nvme.transport.FabricsTransport;
import dev.karst.nvme.transport.NvmeTransport;
import dev.karst.nvme.transport.PciTransport;
import dev.karst.reactor.Reactors;
import dev.karst.spec.nvme.GetLogPageCommand;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** The driver: reactors poll, nobody is interrupted. Without a container: make one, and {@link #add} transports. */
@Component(immediate = true, service = NvmeDriver.class)
public final class PolledDriver implements NvmeDriver {
    private final Environment environment;
    private final Reactors reactors;
    private final Map<String, NvmeTransport> transports = new ConcurrentHashMap<>();
    private final Map<TransportId, AttachedController> controllers = new LinkedHashMap<>();
    /** Discovery controllers that tell of changes. */
    private final Set<AttachedController> followed = ConcurrentHashMap.newKeySet();

    @Activate
    public PolledDriver(@Reference Environment environment, @Reference Reactors reactors) {
        this.environment = environment;
        this.reactors = reactors;
    }

    /** Reaches controllers this way too. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void add(NvmeTransport transport) {
        transports.put(transport.type(), transport);
    }

    /** Not any more; its controllers are detached. */
    public void remove(NvmeTransport transport) {
        if (transports.remove(transport.type(), transport)) {
            detach(controller -> controller.id().type().equals(transport.type()));
        }
    }

    private void detach(Predicate<AttachedController> which) {
        List<AttachedController> all = new ArrayList<>(followed);
        synchronized (controllers) {
            all.addAll(controllers.values());
        }
        all.stream().filter(which).forEach(AttachedController::detach);
    }

    @Deactivate
    public void close() {
        detach(controller -> true);
    }

    @Override
    public List<TransportId> probe() {
        List<TransportId> found = new ArrayList<>();
        for (NvmeTransport transport : transports.values()) {
            if (transport instanceof PciTransport pci) {
                found.addAll(pci.probe());
            }
        }
        return found;
    }

    @Override
    public List<NvmeController> controllers() {
        synchronized (controllers) {
            controllers.values().removeIf(controller -> controller.state() == NvmeController.State.DETACHED);
            return List.copyOf(controllers.values());
        }
    }

    @Override
    public NvmeController attach(TransportId id, ControllerOptions options) throws StorageException {
        if (controller(id).isPresent()) {
            throw StorageException.errno(Errno.EEXIST, Errno.text(Errno.EEXIST) + ": " + id + " is attached");
        }
        AttachedController controller = open(id, options);
        synchronized (controllers) {
            controllers.put(id, controller);
        }
        return controller;
    }

    /** Attaches a controller that nobody else sees. */
    private AttachedController open(TransportId id, ControllerOptions options) throws StorageException {
        var waits = new Waits(reactors, reactors.next());
        Link link = link(id, options, waits);
        AttachedController controller;
        boolean made = false;
        try {
            controller = new AttachedController(id, options, environment, reactors, link, waits);
            made = true;
        } finally {
            if (!made) {
                link.close();
            }
        }
        controller.attach();
        return controller;
    }

    private Link link(TransportId id, ControllerOptions options, Waits waits) throws StorageException {
        NvmeTransport transport = transports.get(id.type());
        if (transport instanceof PciTransport pci) {
            return new PciLink(pci.open(id), options, environment, reactors, waits);
        }
        if (transport instanceof FabricsTransport fabrics) {
            return new FabricsLink(fabrics, id, options, environment, reactors);
        }
        throw StorageException.errno(
            Errno.EOPNOTSUPP, Errno.text(Errno.EOPNOTSUPP) + ": there is no transport " + id.type() + " for " + id + "; there are "
                + transports.keySet());
    }

    @Override
    public Following follow(TransportId id, ControllerOptions options, Runnable changed) throws StorageException {
        AttachedController controller = open(id.at(""), options);
        controller.watch(new NvmeEvents() {
            @Override
            public void stateChanged(NvmeController which, NvmeController.State state) {
                if (state == NvmeController.State.READY) {
                    changed.run();
                }
            }

            @Override
            public void asynchronousEvent(NvmeController which, int type, int info, int logPage) {
                if (logPage == GetLogPageCommand.LID_DISCOVERY) {
                    changed.run();
                }
            }
        });
        followed.add(controller);
        return new Following() {
            @Override
            public boolean isOpen() {
                return switch (controller.state()) {
                    case FAILED, REMOVED, DETACHED -> false;
                    default -> true;
                };
            }

            @Override
            public void close() {
                followed.remove(controller);
                controller.detach();
            }
        };
    }

    @Override
    public List<TransportId> discover(TransportId id, ControllerOptions options) throws StorageException {
        return new Discovery(place -> open(place, options)).from(id);
    }
}
