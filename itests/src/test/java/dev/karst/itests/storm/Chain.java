package dev.karst.itests.storm;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.Bdev.State;
import dev.karst.bdev.core.LaneView;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.env.Region;
import dev.karst.env.sim.SimRandom;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.rpc.ConfigSource.Call;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A device, what stands on it, and the load on the topmost from all reactors. */
final class Chain {
    /** Blocks of each reactor's load. */
    static final int SHARE = 48;
    private static final int BLOCKS = 2048;

    /** One of its devices. */
    record Level(Slot slot, String name, Call creation, String deletion) {}

    private final SimWorld world;
    private final BdevStage stage;
    private final SimRandom random;
    final List<Level> levels = new ArrayList<>();
    private final StormLoad.Manner manner;
    private final boolean forgets;
    private final List<BlockHistory> histories = new ArrayList<>();
    private final List<Region> memory = new ArrayList<>();
    /** By reactor; closed ones until they are opened anew. */
    private final Map<Integer, StormLoad> loads = new TreeMap<>();
    /** What a level's device was when the one above it was seen to stand on it. */
    private final Map<String, Bdev> stoodOn = new HashMap<>();
    private long endedBefore;

    /** @param leaf the lowest, in memory or on a file; memory forgets when it is deleted */
    Chain(SimWorld world, BdevStage stage, Level leaf) throws StorageException {
        this.world = world;
        this.stage = stage;
        this.random = world.random().split();
        this.forgets = leaf.creation.method().contains("malloc");
        this.manner = new StormLoad.Manner(random.oneIn(2), random.oneIn(2), status -> mayFail());
        levels.add(leaf);
        for (Reactor reactor : stage.reactors().all()) {
            histories.add(new BlockHistory((long) reactor.id() * SHARE, SHARE));
            memory.add(stage.environment().memory().allocate("storm", StormLoad.BYTES));
        }
    }

    static Level onMemory(Slot slot, String name) {
        return new Level(slot, name, new Call("bdev_malloc_create",
            Map.of("name", name, "num_blocks", (long) BLOCKS, "block_size", (long) BlockHistory.BLOCK)), "bdev_malloc_delete");
    }

    static Level onFile(Slot slot, String name) {
        return new Level(slot, name, new Call("bdev_aio_create", Map.of("name", name, "filename", "/storm/" + name,
            "block_size", (long) BlockHistory.BLOCK, "create_size_mib", 1L)), "bdev_aio_delete");
    }

    /** Another one on top. */
    Chain with(Slot slot, String name) {
        levels.add(new Level(slot, name, new Call("bdev_passthru_create",
            Map.of("name", name, "base_bdev_name", levels.getLast().name)), "bdev_passthru_delete"));
        return this;
    }

    private String top() {
        return levels.getLast().name;
    }

    /** Whether a module has misbehaved or was away for so long that an error is right. */
    private boolean mayFail() {
        boolean may = false;
        for (Level level : levels) {
            may |= level.slot.mayHaveFailed();
        }
        return may;
    }

    private Bdev find(Level level) {
        return stage.layer().find(level.name).orElse(null);
    }

    /** Makes what is missing and opens it, as far as that can be done now. */
    void mend() throws Exception {
        for (int i = 0; i < levels.size(); i++) {
            Level level = levels.get(i);
            if (find(level) == null && !make(i)) {
                return;
            }
            note(i);
        }
        for (Reactor reactor : stage.reactors().all()) {
            StormLoad load = loads.get(reactor.id());
            if (load == null || load.isClosed()) {
                open(reactor);
            }
        }
    }

    /** Whether all is there and open. */
    boolean isWhole() {
        boolean online = levels.stream().map(this::find).allMatch(bdev -> bdev != null && bdev.state() == State.ONLINE);
        return online && loads.size() == stage.reactors().all().size()
            && loads.values().stream().noneMatch(StormLoad::isClosed);
    }

    /** What stands where, for whoever looks at a failure. */
    @Override
    public String toString() {
        return levels.stream().map(level -> level.name + " " + (find(level) == null ? "missing" : find(level).state()))
            .toList().toString();
    }

    private boolean make(int at) {
        // What stood on the one before is on its way.
        world.until(() -> levels.stream().skip(at + 1).noneMatch(upper -> {
            Bdev bdev = find(upper);
            return bdev != null && bdev.state() != State.PARKED;
        }));
        boolean blank = at == 0 && forgets;
        try {
            stage.call(levels.get(at).creation.method(), levels.get(at).creation.parameters());
        } catch (StorageException e) {
            return false;
        }
        if (blank) {
            histories.forEach(BlockHistory::zero);
        }
        return true;
    }

    /** Remembers what the device stands on, once it is seen to. */
    private void note(int at) {
        Bdev upper = find(levels.get(at));
        if (at > 0 && upper != null && upper.state() == State.ONLINE) {
            stoodOn.put(levels.get(at).name, find(levels.get(at - 1)));
        }
    }

    private void open(Reactor reactor) throws Exception {
        levels.getLast().slot.watch.forget(top());
        StormLoad load;
        try {
            load = new StormLoad(stage.layer(), top(), reactor, histories.get(reactor.id()), random.split(), manner);
            world.call(reactor, () -> {
                load.begin(memory.get(reactor.id()), LaneView.of(stage.layer(), top(), reactor));
                return null;
            });
        } catch (StorageException e) {
            StormLoad.require(mayFail(), "cannot be opened: " + e.getMessage());
            return;
        }
        StormLoad before = loads.put(reactor.id(), load);
        endedBefore += before == null ? 0 : before.ended();
    }

    /** Some I/O more on each reactor. */
    void spend(int ios) {
        for (StormLoad load : loads.values()) {
            load.spend(ios);
        }
    }

    /** Reads all back. */
    void sweep() {
        loads.values().forEach(StormLoad::sweep);
    }

    boolean isQuiet() {
        return loads.values().stream().allMatch(StormLoad::isQuiet);
    }

    long ended() {
        return endedBefore + loads.values().stream().mapToLong(StormLoad::ended).sum();
    }

    /** Deletes one of its devices; what stands on it goes too. */
    void delete(int which) {
        Level level = levels.get(which % levels.size());
        level.slot.fails();
        try {
            stage.call(level.deletion, Map.of("name", level.name));
        } catch (StorageException e) {
            Bdev bdev = find(level);
            // Of two modules of one name, the call may reach the one that does not have it.
            boolean here = bdev != null && bdev.state() == State.ONLINE && !level.slot.isDoubled();
            StormLoad.require(!here, "cannot be deleted: " + e.getMessage());
        }
    }

    void resize(int which) {
        if (!forgets) {
            try {
                stage.call("karst_bdev_file_resize", "name", levels.getFirst().name, "size_mib", 1 + which % 3, "force", true);
            } catch (StorageException e) {
                // The module is away, or the device is gone.
            }
        }
    }

    /** What is claimed cannot be opened for writing, also while who claimed it is parked. */
    void intrude() {
        for (int i = 0; i + 1 < levels.size(); i++) {
            note(i + 1);
            Bdev base = find(levels.get(i));
            Bdev upper = find(levels.get(i + 1));
            boolean claimed = base != null && upper != null && stoodOn.get(levels.get(i + 1).name) == base
                && upper.state() != State.REMOVING && base.state() != State.REMOVING;
            if (claimed) {
                refuse(levels.get(i).name);
            }
        }
    }

    private void refuse(String base) {
        try {
            stage.layer().open(base, true, world.reactor(0), () -> {}).close();
        } catch (StorageException e) {
            StormLoad.require(e.code() == -Errno.EPERM, "not for the claim: " + e.getMessage());
            return;
        }
        throw new IllegalStateException(base + " is claimed, and somebody else opened it for writing");
    }

    /** Looks for what is left although nothing is in flight. */
    void checkNothingHeld() {
        for (Level level : levels) {
            for (Reactor reactor : stage.reactors().all()) {
                String found = LaneView.of(stage.layer(), level.name, reactor).leftovers();
                StormLoad.require(found.isEmpty(), level.name + " holds" + found);
            }
        }
    }

    /** Closes and deletes all, the uppermost first. */
    void end() throws Exception {
        for (StormLoad load : loads.values()) {
            world.on(load.reactor(), load::end);
        }
        world.until(() -> loads.values().stream().allMatch(StormLoad::isClosed));
        world.settle(1);
        for (Level level : levels.reversed()) {
            stage.call(level.deletion, Map.of("name", level.name));
        }
        memory.forEach(stage.environment().memory()::free);
    }
}
