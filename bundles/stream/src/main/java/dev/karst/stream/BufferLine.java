package dev.karst.stream;

import dev.karst.base.ReactorConfined;

/** Connections that wait for a buffer, in turn. */
@ReactorConfined
final class BufferLine {
    BufferShare first;
    private BufferShare last;

    void add(BufferShare share) {
        share.line = this;
        share.next = null;
        share.previous = last;
        if (last == null) {
            first = share;
        } else {
            last.next = share;
        }
        last = share;
    }

    void remove(BufferShare share) {
        if (share.previous == null) {
            first = share.next;
        } else {
            share.previous.next = share.next;
        }
        if (share.next == null) {
            last = share.previous;
        } else {
            share.next.previous = share.previous;
        }
        share.line = null;
        share.next = null;
        share.previous = null;
    }
}
