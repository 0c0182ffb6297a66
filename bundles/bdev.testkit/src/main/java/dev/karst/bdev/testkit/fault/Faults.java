package dev.karst.bdev.testkit.fault;

import dev.karst.env.sim.SimRandom;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Which faults happen how often, from a seed, and what they led to. Nothing happens until {@link #rage}. One thread. */
public final class Faults {
    /** How many of all I/Os end twice, and so on: chances are drawn from here to ten times that. */
    private static final int USUAL = 6;

    private final SimRandom random;
    private final Map<Fault, Integer> oneIn = new EnumMap<>(Fault.class);
    private final Map<Fault, Integer> happened = new EnumMap<>(Fault.class);
    private final List<FaultChannel> channels = new ArrayList<>();
    private int openDevices;
    private int strays;

    public Faults(SimRandom random) {
        this.random = random;
    }

    /** A random half of the faults happen from now on. */
    public void rage() {
        for (Fault fault : Fault.values()) {
            if (random.oneIn(2)) {
                oneIn.put(fault, random.oneIn(3) ? 2 : (int) random.between(USUAL, 10 * USUAL));
            }
        }
    }

    /** Nothing goes wrong any more; what is held stays held until {@link #release}. */
    public void calm() {
        oneIn.clear();
    }

    /** Ends what the channels hold, on their reactors. */
    public void release() {
        for (FaultChannel channel : List.copyOf(channels)) {
            channel.reactor().execute(channel::release);
        }
    }

    /** Whether it happens now. */
    boolean happens(Fault fault) {
        boolean now = random.oneIn(oneIn.getOrDefault(fault, 0));
        if (now) {
            happened.merge(fault, 1, Integer::sum);
        }
        return now;
    }

    /** How often each has happened. */
    public Map<Fault, Integer> happened() {
        return happened;
    }

    SimRandom random() {
        return random;
    }

    /** An exception that a module should not throw. */
    static RuntimeException planted(String what) {
        return new Planted(what);
    }

    /** Thrown on purpose. */
    public static final class Planted extends RuntimeException {
        private static final long serialVersionUID = 1;

        Planted(String what) {
            super("planted: " + what, null, false, false);
        }
    }

    /** A completion was made that the block layer must refuse. */
    void stray() {
        strays++;
    }

    /** How many completions the block layer must have refused. */
    public int strays() {
        return strays;
    }

    void opened(FaultChannel channel) {
        channels.add(channel);
    }

    void closed(FaultChannel channel) {
        channels.remove(channel);
    }

    /** Channels that are open now. */
    public int openChannels() {
        return channels.size();
    }

    void device(int change) {
        openDevices += change;
    }

    /** Devices that were made and have not been destroyed. */
    public int devices() {
        return openDevices;
    }
}
