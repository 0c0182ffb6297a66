package dev.karst.itests.storm;

import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.core.LaneView;
import dev.karst.bdev.core.Sabotage;
import dev.karst.bdev.file.FileModule;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.bdev.passthru.PassthruModule;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.env.Region;
import dev.karst.env.sim.SimRandom;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.List;

/**
 * One storm: a disk in memory and one on a file, with up to two passthru devices on each, under load from all reactors, and a
 * history of what happens to them and their modules. Afterwards all is mended and read back, and nothing may be left.
 */
final class Storm {
    private static final long STEPS = 3_000_000;
    private static final long PATIENCE_NANOS = 20_000_000;
    private static final int TOO_LONG_MS = 10_500;
    private static final int IOS = 140;
    private static final int MOST_TRIES = 2_000;

    private final SimWorld world;
    private final Sabotage.Bug bug;
    private final List<StormEvent> events;
    private final SimRandom random;
    private final BdevStage stage;
    private final List<Slot> slots;
    private final List<Chain> chains = new ArrayList<>();
    private boolean sabotaging;
    private int sabotages;

    Storm(SimWorld world, Sabotage.Bug bug, List<StormEvent> events) {
        this.world = world;
        this.bug = bug;
        this.events = events;
        this.random = world.random().split();
        this.stage = new BdevStage(world);
        this.slots = List.of(new Slot(world, stage, MallocModule::new), new Slot(world, stage, FileModule::new),
            new Slot(world, stage, PassthruModule::new));
    }

    /** Plays it; throws what is wrong. Gives the number of I/Os. */
    long play() throws Exception {
        // Early, late or never.
        LaneView.fenceAt(stage.layer(), random.below(3) * random.below(60));
        slots.forEach(Slot::start);
        makeChains();
        long before = givenBytes();
        long strays = BdevChannel.strayCompletions();
        for (Chain chain : chains) {
            chain.mend();
        }
        sabotage();
        for (StormEvent event : events) {
            spend(IOS);
            happens(event);
            world.check();
        }
        sabotaging = false;
        calmDown();
        readBack();
        long ios = chains.stream().mapToLong(Chain::ended).sum();
        for (Chain chain : chains) {
            chain.end();
        }
        world.settle(100);
        checkNothingLeft(before, strays);
        return ios;
    }

    /** Each is made and deleted once, so that what stays is there before. */
    private void makeChains() throws Exception {
        chains.add(new Chain(world, stage, Chain.onMemory(slots.get(0), "mem")));
        chains.add(new Chain(world, stage, Chain.onFile(slots.get(1), "file")));
        for (Chain chain : chains) {
            for (int more = random.below(3); more > 0; more--) {
                chain.with(slots.get(2), chain.levels.getFirst().name() + "-" + more);
            }
        }
    }

    /** Without the buffers of the block layer and the file, which stay. */
    private long givenBytes() {
        return world.environment().memory().regions().stream().filter(region -> !region.name().startsWith("bdev.bounce.")
            && !region.name().equals("bdev.zeroes")).mapToLong(Region::bytes).sum();
    }

    private void spend(int ios) {
        chains.forEach(chain -> chain.spend(ios));
        long end = world.clock().nanos() + (random.oneIn(3) ? random.between(0, 300_000) : PATIENCE_NANOS);
        while (world.clock().nanos() < end && !chains.stream().allMatch(Chain::isQuiet)) {
            world.reactors().step(end);
            world.check();
        }
    }

    private void happens(StormEvent event) throws Exception {
        Slot slot = slots.get(event.which() % slots.size());
        Chain chain = chains.get(event.which() % chains.size());
        switch (event.kind()) {
            case REPLACE -> {
                slot.stop();
                spend(event.which());
                intrude();
                slot.start();
            }
            case STOP -> slot.stop();
            case START -> slot.start();
            case SECOND -> slot.second();
            case HAND_OVER -> slot.handOver();
            case AWAY_TOO_LONG -> {
                slot.stop();
                world.runFor(TOO_LONG_MS);
            }
            case DELETE -> chain.delete(event.which());
            case MEND -> mend();
            case RESIZE -> chain.resize(event.which());
            case INTRUDE -> intrude();
            case RAGE -> slot.rage();
            case CALM -> slot.calm();
            case REST -> world.runFor(event.which() / 10);
        }
    }

    private void mend() throws Exception {
        for (Chain chain : chains) {
            chain.mend();
        }
    }

    private void intrude() {
        chains.forEach(Chain::intrude);
    }

    /** No more faults; what modules hold they give back; what is away comes; what is missing is made. */
    private void calmDown() throws Exception {
        slots.forEach(Slot::calm);
        slots.forEach(slot -> slot.faults.release());
        for (Slot slot : slots) {
            slot.stop();
            slot.stop();
        }
        // A device on another one comes back after that one.
        slots.forEach(Slot::start);
        slots.forEach(slot -> slot.faults.release());
        world.until(() -> chains.stream().allMatch(Chain::isQuiet), STEPS);
        for (int tries = 0; !chains.stream().allMatch(Chain::isWhole); tries++) {
            StormLoad.require(tries < MOST_TRIES, "not all can be made again: " + chains);
            mend();
            world.runFor(10);
        }
    }

    private void readBack() {
        chains.forEach(chain -> chain.spend(IOS / 2));
        world.until(() -> chains.stream().allMatch(Chain::isQuiet), STEPS);
        chains.forEach(Chain::sweep);
        world.until(() -> chains.stream().allMatch(Chain::isQuiet), STEPS);
        chains.forEach(Chain::checkNothingHeld);
        for (Reactor reactor : stage.reactors().all()) {
            int used = stage.layer().buffers(reactor).inUse();
            StormLoad.require(used == 0, used + " buffers in use");
        }
    }

    private void checkNothingLeft(long bytes, long strays) {
        int devices = stage.layer().all().size();
        StormLoad.require(devices == 0, devices + " devices are left");
        long due = 0;
        for (Slot slot : slots) {
            int channels = slot.faults.openChannels();
            StormLoad.require(channels == 0, channels + " channels of a module are open");
            int alive = slot.faults.devices();
            StormLoad.require(alive == 0, alive + " devices of a module were not destroyed");
            due += slot.strays();
        }
        long refused = BdevChannel.strayCompletions() - strays;
        StormLoad.require(refused == due, refused + " completions were refused, and " + due + " should have been");
        stage.layer().close();
        long left = givenBytes() - bytes + chains.size() * world.reactors().all().size() * bytesOf(StormLoad.BYTES);
        StormLoad.require(left == 0, left + " bytes of memory are left");
    }

    private static long bytesOf(long asked) {
        return (asked + 4095) / 4096 * 4096;
    }

    /** Does the planted bug now and then, where there is an occasion. */
    private void sabotage() throws Exception {
        sabotaging = bug != Sabotage.Bug.NONE;
        for (Reactor reactor : stage.reactors().all()) {
            if (sabotaging) {
                world.on(reactor, () -> reactor.schedule(new Saboteur(reactor), 1));
            }
        }
    }

    private final class Saboteur extends Timer {
        private final Reactor reactor;

        Saboteur(Reactor reactor) {
            this.reactor = reactor;
        }

        @Override
        public void expired() {
            Chain chain = chains.get(random.below(chains.size()));
            String device = chain.levels.get(random.below(chain.levels.size())).name();
            sabotages += Sabotage.commit(bug, stage.layer(), device, reactor) ? 1 : 0;
            if (sabotaging && sabotages < 3) {
                reactor.schedule(this, random.between(1_000, 200_000));
            }
        }
    }
}
