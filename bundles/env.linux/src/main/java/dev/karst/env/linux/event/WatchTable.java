package dev.karst.env.linux.event;

import dev.karst.base.ReactorConfined;
import java.util.Arrays;

/** The watches of one set by token: place in the low half, generation of the place in the high half. */
@ReactorConfined
final class WatchTable {
    private Watch[] watches = new Watch[16];
    private int[] generations = new int[16];
    private int[] free = new int[16];
    private int freeCount;
    private int used;

    /** Gives the watch a place and its token. */
    void add(Watch watch) {
        int place = freeCount > 0 ? free[--freeCount] : used++;
        if (place == watches.length) {
            grow();
        }
        watches[place] = watch;
        watch.token = (long) generations[place] << 32 | place;
    }

    /** Ends the token. */
    void remove(Watch watch) {
        int place = (int) watch.token;
        watches[place] = null;
        generations[place] = generations[place] + 1 & Integer.MAX_VALUE;
        free[freeCount++] = place;
        watch.token = Watch.NONE;
    }

    /** The watch of the token, or null when the token is no more or names none. */
    Watch find(long token) {
        int place = (int) token;
        Watch watch = place >= 0 && place < used ? watches[place] : null;
        return watch != null && watch.token == token ? watch : null;
    }

    /** Ends all tokens. */
    void clear() {
        for (int place = 0; place < used; place++) {
            if (watches[place] != null) {
                remove(watches[place]);
            }
        }
    }

    private void grow() {
        int size = watches.length * 2;
        watches = Arrays.copyOf(watches, size);
        generations = Arrays.copyOf(generations, size);
        free = Arrays.copyOf(free, size);
    }
}
