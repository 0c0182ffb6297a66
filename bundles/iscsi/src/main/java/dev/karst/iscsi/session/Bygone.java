package dev.karst.iscsi.session;

import dev.karst.base.ReactorConfined;

/** The tags of the last commands that ended before all their data had come; what comes of it is nobody's. */
@ReactorConfined
final class Bygone {
    private static final int REMEMBERED = 64;

    private final int[] tags = new int[REMEMBERED];
    private int count;

    void add(int itt) {
        tags[count++ % REMEMBERED] = itt;
    }

    boolean has(int itt) {
        for (int i = 0; i < Math.min(count, REMEMBERED); i++) {
            if (tags[i] == itt) {
                return true;
            }
        }
        return false;
    }
}
