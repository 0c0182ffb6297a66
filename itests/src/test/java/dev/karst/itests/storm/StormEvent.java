package dev.karst.itests.storm;

import dev.karst.env.sim.SimRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One thing that happens in a storm.
 *
 * @param which which module, device or how long, modulo what there is
 */
record StormEvent(Kind kind, int which) {
    /** What may happen. */
    enum Kind {
        /** A module goes, and another version comes. */
        REPLACE,
        STOP,
        START,
        /** Two versions at once; with two, the first goes. */
        SECOND,
        /** Another version comes and takes over as planned. */
        HAND_OVER,
        /** A module stays away until its devices are given up. */
        AWAY_TOO_LONG,
        DELETE,
        /** What is missing is made again. */
        MEND,
        RESIZE,
        /** Somebody tries to write what another has claimed. */
        INTRUDE,
        RAGE,
        CALM,
        REST
    }

    private static final int MOST = 100;

    /** A random history; each seed leaves some kinds out. */
    static List<StormEvent> history(SimRandom random, int count) {
        List<Kind> kinds = new ArrayList<>(Arrays.asList(Kind.values()));
        kinds.removeIf(kind -> kind != Kind.REPLACE && kind != Kind.MEND && random.oneIn(2));
        List<StormEvent> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            events.add(new StormEvent(kinds.get(random.below(kinds.size())), random.below(MOST)));
        }
        return events;
    }

    @Override
    public String toString() {
        return kind + " " + which;
    }
}
