package dev.karst.scsi.core.model;

import dev.karst.base.ReactorConfined;
import dev.karst.spec.scsi.Asc;

/**
 * Unit attentions that an initiator has not been told of, each once, in order; more than {@link #MOST} become one that
 * says that all may be new. SAM-6, 5.14.
 */
@ReactorConfined
public final class Attentions {
    /** Most that wait. */
    static final int MOST = 8;
    private static final int RESETS = 0x29;

    private final int[] waiting = new int[MOST];
    private int count;

    /** One more; false when it waits already. One that tells of a reset makes all others needless. */
    boolean raise(int asc) {
        for (int i = 0; i < count; i++) {
            if (waiting[i] == asc) {
                return false;
            }
        }
        if (asc >> 8 == RESETS) {
            count = 0;
        } else if (count == MOST) {
            count = 0;
            waiting[count++] = Asc.POWER_ON_OR_RESET_OCCURRED;
            return true;
        }
        waiting[count++] = asc;
        return true;
    }

    public boolean isEmpty() {
        return count == 0;
    }

    /** The oldest, which has been told now. */
    public int take() {
        int oldest = waiting[0];
        drop(0);
        return oldest;
    }

    /** Takes one back that has become needless. */
    public void clear(int asc) {
        for (int i = 0; i < count; i++) {
            if (waiting[i] == asc) {
                drop(i);
                return;
            }
        }
    }

    private void drop(int index) {
        count--;
        for (int i = index; i < count; i++) {
            waiting[i] = waiting[i + 1];
        }
    }
}
