package dev.karst.bdev.nvme;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.NvmeDriver;
import dev.karst.nvme.NvmeNamespace.Ids;
import dev.karst.nvme.TransportId;
import dev.karst.reactor.Reactors;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.IntPredicate;

/** A driver with one subsystem, which has as many controllers as are attached. */
final class FakeDriver implements NvmeDriver {
    final Environment environment;
    final Reactors reactors;
    final Map<Integer, FakeNamespace> namespaces = new TreeMap<>();
    final List<NvmeController> controllers = new ArrayList<>();
    final Set<TransportId> unreachable = new HashSet<>();
    /** Controllers whose namespaces are others than they should be. */
    final Set<TransportId> strangers = new HashSet<>();
    /** Most bytes of one command's data; set before anything is attached. */
    long mostBytes = Long.MAX_VALUE;
    private final IntPredicate dice;
    private int numbers;

    /** @param dice true once in so many times */
    FakeDriver(Environment environment, Reactors reactors, IntPredicate dice) {
        this.environment = environment;
        this.reactors = reactors;
        this.dice = dice;
    }

    /** One more namespace. */
    FakeNamespace add(int nsid, long blocks) throws StorageException {
        var namespace = new FakeNamespace(environment, nsid, blocks);
        namespaces.put(nsid, namespace);
        return namespace;
    }

    boolean chance(int oneIn) {
        return dice.test(oneIn);
    }

    Ids idsOf(FakeController controller, FakeNamespace namespace) {
        return strangers.contains(controller.id()) ? new Ids(new UUID(2, namespace.nsid), "", "", 0) : namespace.ids;
    }

    /** The controller at that port. */
    FakeController at(int port) {
        return (FakeController) controllers.stream().filter(each -> each.id().service().equals("" + port)).findFirst().orElseThrow();
    }

    @Override
    public List<TransportId> probe() {
        return List.of();
    }

    @Override
    public List<NvmeController> controllers() {
        return List.copyOf(controllers);
    }

    @Override
    public NvmeController attach(TransportId id, ControllerOptions options) throws StorageException {
        if (unreachable.contains(id)) {
            throw StorageException.errno(Errno.ECONNREFUSED, "Connection refused: " + id);
        }
        if (controller(id).isPresent()) {
            throw StorageException.errno(Errno.EEXIST, "attached");
        }
        var controller = new FakeController(this, id, options, ++numbers);
        controllers.add(controller);
        return controller;
    }

    @Override
    public List<TransportId> discover(TransportId id, ControllerOptions options) {
        return List.of(id.at(FakeController.SUBSYSTEM));
    }
}
