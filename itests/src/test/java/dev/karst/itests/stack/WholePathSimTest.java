package dev.karst.itests.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * The whole path in simulated worlds: much I/O in few worlds, and much trouble in many. Every command is answered once, the data
 * is right, and all that was taken comes back.
 */
class WholePathSimTest {
    private static final System.Logger LOG = System.getLogger(WholePathSimTest.class.getName());
    private static final int DEPTH = 64;
    private static final int QUEUE_BLOCKS = DEPTH * 2;
    private static final int BUSY_WORLDS = Integer.getInteger("karst.sim.busy.worlds", 40);
    private static final long IOS_OF_WORLD = 250_000;
    private static final int TROUBLED_WORLDS = Integer.getInteger("karst.sim.troubled.worlds", 2_000);
    private static final int TROUBLED_DEPTH = 8;
    private static final long MOST_STEPS = 50_000_000;

    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();

    /** Runs worlds on all processors. */
    private static void inWorlds(int first, int worlds, SimWorld.Body body) throws Exception {
        int threads = Math.min(worlds, Runtime.getRuntime().availableProcessors());
        try (var executor = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> parts = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int from = worlds * i / threads;
                int to = worlds * (i + 1) / threads;
                parts.add(executor.submit(() -> SimWorld.run(first + from, to - from, body)));
            }
            for (Future<?> part : parts) {
                part.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause().getMessage(), e.getCause());
        }
    }

    private void count(List<SimQueue> queues) {
        for (SimQueue queue : queues) {
            sent.addAndGet(queue.sent);
            ended.addAndGet(queue.ended);
            failed.addAndGet(queue.failed);
            lost.addAndGet(queue.lost);
            assertEquals(queue.sent, queue.ended + queue.lost, "commands without an end");
        }
    }

    private static void run(SimWorld world, List<SimQueue> queues) {
        world.until(() -> {
            boolean done = true;
            for (SimQueue queue : queues) {
                queue.pump();
                done &= queue.isDone();
            }
            return done;
        }, MOST_STEPS);
    }

    private static List<BlockModel> models(int count, int blocks) {
        List<BlockModel> models = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            models.add(new BlockModel((long) i * blocks, blocks));
        }
        return models;
    }

    private void busy(SimWorld world, long ios, Bug bug) throws Exception {
        try (SimStack stack = new SimStack(world, List.of(new MallocModule()), bug)) {
            List<BlockModel> models = models(4, QUEUE_BLOCKS);
            stack.serveMemory("ram", 4L * QUEUE_BLOCKS);
            Map<String, Long> before = stack.holdings();
            try (SimHost host = new SimHost(world, stack)) {
                assertTrue(host.connect(models, DEPTH));
                host.queues.forEach(queue -> queue.budget = ios / models.size());
                run(world, host.queues);
                host.queues.forEach(queue -> queue.budget = queue.sweep());
                run(world, host.queues);
                count(host.queues);
            }
            stack.awaitHoldings(before);
            assertEquals(0, stack.statistic("failures"));
        }
        assertEquals(0, world.environment().network().openSockets(), "sockets are left");
    }

    @Test
    void shouldKeepDataAndEndEachCommandOnceWhenMillionsAreSent() throws Exception {
        long begin = System.nanoTime();
        inWorlds(1, BUSY_WORLDS, world -> busy(world, IOS_OF_WORLD, Bug.NONE));
        long nanos = System.nanoTime() - begin;
        LOG.log(System.Logger.Level.INFO, "{0} I/Os in {1} worlds, {2} a second", sent.get(), BUSY_WORLDS,
            sent.get() * 1_000_000_000L / nanos);
        assertTrue(sent.get() >= BUSY_WORLDS * IOS_OF_WORLD, sent + " I/Os");
        assertEquals(sent.get(), ended.get());
        assertEquals(0, failed.get() + lost.get());
    }

    private static void trouble(SimWorld world, LateMemory device) {
        world.faults().cutOneIn = world.random().oneIn(2) ? 0 : 100 + world.random().below(2000);
        world.faults().refuseOneIn = world.random().oneIn(2) ? 0 : 4;
        device.usualNanos = world.random().oneIn(3) ? 0 : 1 + world.random().below(300_000);
        device.refuseOneIn = world.random().oneIn(2) ? 0 : 2 + world.random().below(20);
        device.failOneIn = world.random().oneIn(2) ? 0 : 10 + world.random().below(200);
        device.lateOneIn = world.random().oneIn(2) ? 0 : 50 + world.random().below(200);
    }

    /** Between two steps: sometimes all is cut, a host falls asleep, or one goes, perhaps in the middle of a PDU. */
    private static void disturb(SimWorld world, List<SimQueue> queues) {
        switch (world.random().below(4000)) {
            case 0 -> world.environment().network().cutAll();
            case 1 -> queues.get(world.random().below(queues.size())).stall(world.random().oneIn(4) ? 40_000_000_000L : 1_000_000);
            case 2 -> queues.get(world.random().below(queues.size())).breakAtAnyByte();
            default -> { }
        }
    }

    private void troubled(SimWorld world, Bug bug) throws Exception {
        LateMemory device = new LateMemory(world.random().split(), bug);
        try (SimStack stack = new SimStack(world, List.of(device), bug)) {
            int blocks = TROUBLED_DEPTH * (world.random().oneIn(4) ? 48 : 6);
            List<BlockModel> models = models(1 + world.random().below(3), blocks);
            device.create("late", 3L * blocks);
            stack.serve("late");
            Map<String, Long> before = stack.holdings();
            for (int round = 0; round < 3; round++) {
                trouble(world, device);
                round(world, stack, device, models, before);
            }
            sweep(world, stack, models);
            stack.awaitHoldings(before);
            assertEquals(device.begun, device.ended, "I/Os of the device without an end");
            assertEquals(0, stack.statistic("failures"), "connections ended by a bug");
        }
        assertEquals(0, world.environment().network().openSockets(), "sockets are left");
    }

    private void round(SimWorld world, SimStack stack, LateMemory device, List<BlockModel> models, Map<String, Long> before)
        throws Exception {
        try (SimHost host = new SimHost(world, stack)) {
            if (host.connect(models, TROUBLED_DEPTH)) {
                host.queues.forEach(queue -> {
                    queue.mayFail = true;
                    queue.budget = 40 + world.random().below(120);
                });
                world.until(() -> {
                    disturb(world, host.queues);
                    boolean done = true;
                    for (SimQueue queue : host.queues) {
                        queue.pump();
                        done &= queue.isDone();
                    }
                    return done;
                }, MOST_STEPS);
                count(host.queues);
            }
            world.faults().turnAllOff();
            device.behave();
        }
        stack.awaitHoldings(before);
    }

    /** Reads all, when nothing is wrong any more. */
    private void sweep(SimWorld world, SimStack stack, List<BlockModel> models) throws Exception {
        try (SimHost host = new SimHost(world, stack)) {
            assertTrue(host.connect(models, TROUBLED_DEPTH));
            host.queues.forEach(queue -> queue.budget = queue.sweep());
            run(world, host.queues);
            count(host.queues);
        }
    }

    @Test
    void shouldEndEachCommandOnceAndGiveAllBackWhateverGoesWrong() throws Exception {
        long begin = System.nanoTime();
        long strays = BdevChannel.strayCompletions();
        inWorlds(100_000, TROUBLED_WORLDS, world -> troubled(world, Bug.NONE));
        assertEquals(strays, BdevChannel.strayCompletions(), "I/Os that a device ended twice");
        LOG.log(System.Logger.Level.INFO, "{0} worlds, {1} I/Os, {2} failed, {3} lost with their connection, {4} s",
            TROUBLED_WORLDS, sent.get(), failed.get(), lost.get(), (System.nanoTime() - begin) / 1_000_000_000L);
        assertEquals(sent.get(), ended.get() + lost.get());
        assertTrue(sent.get() > 100L * TROUBLED_WORLDS && failed.get() > TROUBLED_WORLDS && lost.get() > TROUBLED_WORLDS,
            sent + " I/Os, " + failed + " failed, " + lost + " lost: no trouble");
    }

    @Test
    void shouldFindEveryBugThatIsPlanted() {
        List<Bug> unnoticed = new ArrayList<>();
        for (Bug bug : EnumSet.complementOf(EnumSet.of(Bug.NONE))) {
            if (!isFound(bug)) {
                unnoticed.add(bug);
            }
        }
        assertEquals(List.of(), unnoticed);
    }

    /** A few worlds are enough. */
    private boolean isFound(Bug bug) {
        long strays = BdevChannel.strayCompletions();
        return isNoticed(bug) || BdevChannel.strayCompletions() != strays;
    }

    private boolean isNoticed(Bug bug) {
        for (int seed = 1; seed <= 6; seed++) {
            try (var world = new SimWorld(seed, 2)) {
                troubled(world, bug);
                world.check();
            } catch (Exception | AssertionError e) {
                return true;
            }
            try (var world = new SimWorld(seed, 2)) {
                busy(world, 2_000, bug);
            } catch (Exception | AssertionError e) {
                return true;
            }
        }
        return false;
    }
}
