package dev.karst.reactor.core;

import dev.karst.base.ReactorConfined;
import dev.karst.reactor.Poller;
import java.util.Arrays;

/**
 * The pollers of one reactor. A poller may add and remove itself and others while it is asked; one that was added is asked
 * from the next round on.
 */
@ReactorConfined
final class PollerList {
    private Poller[] pollers = new Poller[16];
    private int count;
    /** Where the present round has come to, and where it ends; both 0 between rounds. */
    private int at;
    private int end;
    private boolean holes;

    /** Adds; one that is there already stays as it is. */
    void add(Poller poller) {
        if (indexOf(poller) >= 0) {
            return;
        }
        if (count == pollers.length) {
            pollers = Arrays.copyOf(pollers, count * 2);
        }
        pollers[count++] = poller;
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
            Poller poller = pollers[at++];
            if (poller != null) {
                done += poller.poll();
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
                pollers[kept++] = pollers[i];
            }
        }
        Arrays.fill(pollers, kept, count, null);
        count = kept;
        holes = false;
    }
}
