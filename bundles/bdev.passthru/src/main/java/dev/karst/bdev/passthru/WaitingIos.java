package dev.karst.bdev.passthru;

import dev.karst.base.ReactorConfined;

/** I/Os that wait for room below, first come, first served; linked through the I/Os. */
@ReactorConfined
final class WaitingIos {
    private ForwardIo first;
    private ForwardIo last;

    boolean isEmpty() {
        return first == null;
    }

    ForwardIo first() {
        return first;
    }

    void append(ForwardIo io) {
        io.next = null;
        if (last == null) {
            first = io;
        } else {
            last.next = io;
        }
        last = io;
    }

    /** Takes it out; false when it does not wait. */
    boolean remove(ForwardIo io) {
        ForwardIo before = null;
        ForwardIo at = first;
        while (at != null && at != io) {
            before = at;
            at = at.next;
        }
        if (at == null) {
            return false;
        }
        unlink(before, io);
        return true;
    }

    private void unlink(ForwardIo before, ForwardIo io) {
        if (before == null) {
            first = io.next;
        } else {
            before.next = io.next;
        }
        if (last == io) {
            last = before;
        }
        io.next = null;
    }
}
