package dev.karst.env.sim;

import dev.karst.env.Environment;
import dev.karst.env.EventSet;
import dev.karst.env.FileRing;
import dev.karst.env.Keepsakes;
import java.util.UUID;

/**
 * A machine that exists in one thread and follows from one seed. Whoever drives it runs the events of its {@link
 * #schedule}, the work of its {@link #threads}, and moves its {@link #clock}.
 */
public final class SimEnvironment implements Environment, AutoCloseable {
    private static final long NANOS_PER_MS = 1_000_000;

    private final SimRandom random;
    private final SimClock clock = new SimClock();
    private final SimTrace trace = new SimTrace();
    private final SimFaults faults = new SimFaults();
    private final SimSchedule schedule = new SimSchedule(clock);
    private final SimThreads threads = new SimThreads();
    private final SimMemory memory = new SimMemory(faults);
    private final SimFiles files = new SimFiles(faults);
    private final SimPci pci = new SimPci(schedule);
    private final SimNetwork network;
    private final SimProcessors processors;
    private final SimRandom uuids;
    private final Keepsakes keepsakes;

    public SimEnvironment(SimRandom random, int processors) {
        this.random = random;
        this.network = new SimNetwork(random.split(), schedule, trace, faults);
        this.processors = new SimProcessors(processors, clock);
        this.uuids = random.split();
        this.keepsakes = new Keepsakes((delayMs, task) -> schedule.after(delayMs * NANOS_PER_MS, task));
    }

    @Override
    public SimClock clock() {
        return clock;
    }

    @Override
    public SimMemory memory() {
        return memory;
    }

    @Override
    public SimProcessors processors() {
        return processors;
    }

    @Override
    public SimFiles files() {
        return files;
    }

    @Override
    public SimNetwork network() {
        return network;
    }

    @Override
    public SimPci pci() {
        return pci;
    }

    @Override
    public SimThreads threads() {
        return threads;
    }

    @Override
    public Keepsakes keepsakes() {
        return keepsakes;
    }

    @Override
    public UUID newUuid() {
        return new UUID(uuids.nextLong() & ~0xf000L | 0x4000L, uuids.nextLong() & Long.MAX_VALUE >>> 1 | Long.MIN_VALUE);
    }

    @Override
    public SimEventSet openEventSet() {
        return new SimEventSet(random.split(), trace);
    }

    @Override
    public FileRing openFileRing(EventSet events, int depth) {
        return new SimFileRing(this, random.split(), (SimEventSet) events, depth);
    }

    /** What goes wrong; nothing at first. */
    public SimFaults faults() {
        return faults;
    }

    /** What the world does by itself. */
    public SimSchedule schedule() {
        return schedule;
    }

    /** The hash of all that happened. */
    public SimTrace trace() {
        return trace;
    }

    /** Takes all memory back; nothing of this environment may be used any more. */
    @Override
    public void close() {
        pci.close();
        memory.close();
    }
}
