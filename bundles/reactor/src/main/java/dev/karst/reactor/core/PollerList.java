package dev.karst.reactor.core;

import dev.karst.base.ReactorConfined;
import dev.karst.reactor.Poller;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The pollers of one reactor. A poller may add and remove itself and others while it is asked; one that was added is asked
 * from the next round on.
 */
@ReactorConfined
final class PollerList {
    private Poller[] pollers = new Poller[16];
    /** How often each was asked, and how often it found something. */
    private long[] asked = new long[16];
    private long[] found = new long[16];
    private int count;
    /** Where the present round has come to, and where it ends; both 0 between rounds. */
    private int at;
    private int end;
    private boolean holes;

    /**
     * A poller and what it has done since it was added.
     *
     * @param asked how often it was asked
     * @param found how often it found something to do
     */
    record Tally(Poller poller, long asked, long found) {}

    /** Adds; one that is there already stays as it is. */
    void add(Poller poller) {
        if (indexOf(poller) >= 0) {
            return;
        }
        if (count == pollers.length) {
            pollers = Arrays.copyOf(pollers, count * 2);
            asked = Arrays.copyOf(asked, count * 2);
            found = Arrays.copyOf(found, count * 2);
        }
        pollers[count] = poller;
        asked[count] = 0;
        found[count++] = 0;
    }

    /** Removes; one that is not there is passed over. */
    void remove(Poller poller) {
        int index = indexOf(poller);
        if (index >= 0) {
            pollers[index] = null;
            holes = true;
            if (end == 0) {
                closeHoles();
            }
        }
    }

    /** Asks each, or after a poller threw each behind it. Returns how much they did. */
    int poll() {
        if (end == 0) {
            end = count;
        }
        int done = 0;
        while (at < end) {
            int index = at++;
            Poller poller = pollers[index];
            if (poller != null) {
                asked[index]++;
                int did = poller.poll();
                found[index] += did > 0 ? 1 : 0;
                done += did;
            }
        }
        at = 0;
        end = 0;
        if (holes) {
            closeHoles();
        }
        return done;
    }

    /** Whether a poller threw, so that {@link #poll} has to go on. */
    boolean isInterrupted() {
        return end != 0;
    }

    /** Whether all announce their work, so that the reactor may sleep until told. */
    boolean allAnnounce() {
        for (int i = 0; i < count; i++) {
            if (pollers[i] != null && !pollers[i].announcesWork()) {
                return false;
            }
        }
        return true;
    }

    /** All with what they have done. Allocates. */
    List<Tally> tallies() {
        List<Tally> tallies = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            if (pollers[i] != null) {
                tallies.add(new Tally(pollers[i], asked[i], found[i]));
            }
        }
        return tallies;
    }

    int size() {
        int size = 0;
        for (int i = 0; i < count; i++) {
            size += pollers[i] == null ? 0 : 1;
        }
        return size;
    }

    private int indexOf(Poller poller) {
        for (int i = 0; i < count; i++) {
            if (pollers[i] == poller) {
                return i;
            }
        }
        return -1;
    }

    private void closeHoles() {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (pollers[i] != null) {
                asked[kept] = asked[i];
                found[kept] = found[i];
                pollers[kept++] = pollers[i];
            }
        }
        Arrays.fill(pollers, kept, count, null);
        count = kept;
        holes = false;
    }
}
