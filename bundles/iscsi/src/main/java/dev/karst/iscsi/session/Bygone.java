package dev.karst.iscsi.session;

import dev.karst.base.ReactorConfined;
import dev.karst.spec.iscsi.Bhs;
import java.util.Arrays;

/** The tags of the last commands that ended before all their data had come; what comes of it is nobody's. */
@ReactorConfined
final class Bygone {
    /** A power of two. */
    private static final int REMEMBERED = 64;

    private final int[] tags = new int[REMEMBERED];
    private int next;

    Bygone() {
        Arrays.fill(tags, Bhs.NO_TAG);
    }

    void add(int itt) {
        tags[next] = itt;
        next = next + 1 & REMEMBERED - 1;
    }

    boolean has(int itt) {
        for (int tag : tags) {
            if (tag == itt) {
                return itt != Bhs.NO_TAG;
            }
        }
        return false;
    }
}
