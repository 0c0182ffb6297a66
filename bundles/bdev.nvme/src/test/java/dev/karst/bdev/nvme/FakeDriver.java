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
    /** For {@link Bug#NOTHING_SHARED}. */
    final Map<Integer, FakeNamespace> others = new TreeMap<>();
    final List<NvmeController> controllers = new ArrayList<>();
    final Set<TransportId> unreachable = new HashSet<>();
    /** Controllers whose namespaces are others than they should be. */
    final Set<TransportId> strangers = new HashSet<>();
    /** Most bytes of one command's data; set before anything is attached. */
    long mostBytes = Long.MAX_VALUE;
    /** Most blocks of a Write Zeroes, and of a range of a Dataset Management; set before anything is attached. */
    long mostZeroed = Long.MAX_VALUE;
    long mostUnmapped = Long.MAX_VALUE;
    /** What a discovery controller knows. */
    final List<TransportId> discovered = new ArrayList<>();
    /** Who wants to hear when that has changed; null for nobody. */
    Runnable follower;
    /** What is at the bus. */
    final List<TransportId> plugged = new ArrayList<>();
    /** What controllers do wrong. */
    Bug bug = Bug.NONE;
    private final IntPredicate dice;
    private int numbers;

    /** What a driver or a controller must not do. */
    enum Bug {
        NONE,
        /** A write that was given up is done later all the same. */
        WRITES_AFTER_THE_END,
        /** A command that was cut off ends well, and nothing was done. */
        CUT_MEANS_DONE,
        /** A command that was cut off never ends. */
        CUT_MEANS_LOST,
        /** A controller without access writes all the same, and refuses then. */
        WRITES_WITHOUT_ACCESS_LATER,
        /** Each controller has blocks of its own. */
        NOTHING_SHARED
    }

    /** @param dice true once in so many times */
    FakeDriver(Environment environment, Reactors reactors, IntPredicate dice) {
        this.environment = environment;
        this.reactors = reactors;
        this.dice = dice;
    }

    /** One more namespace. */
    FakeNamespace add(int nsid, long blocks) throws StorageException {
        var namespace = new FakeNamespace(environment, nsid, blocks, "shared");
        namespaces.put(nsid, namespace);
        others.put(nsid, new FakeNamespace(environment, nsid, blocks, "other"));
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
        return List.copyOf(plugged);
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
    public Following follow(TransportId id, ControllerOptions options, Runnable changed) throws StorageException {
        if (unreachable.contains(id)) {
            throw StorageException.errno(Errno.ECONNREFUSED, "Connection refused: " + id);
        }
        follower = changed;
        return new Following() {
            @Override
            public boolean isOpen() {
                return follower == changed;
            }

            @Override
            public void close() {
                follower = null;
            }
        };
    }

    @Override
    public List<TransportId> discover(TransportId id, ControllerOptions options) throws StorageException {
        if (unreachable.contains(id)) {
            throw StorageException.errno(Errno.ECONNREFUSED, "Connection refused: " + id);
        }
        return List.copyOf(discovered);
    }
}
