package dev.karst.reactor.core;

import dev.karst.base.ReactorConfined;
import dev.karst.reactor.Message;

/** Deferred messages of one reactor, first in, first out. Allocates only when it grows beyond any size it had. */
@ReactorConfined
final class ReadyList {
    private Message[] ring = new Message[256];
    private int head;
    private int count;

    void add(Message message) {
        if (count == ring.length) {
            grow();
        }
        ring[head + count++ & ring.length - 1] = message;
    }

    /** The oldest, or null. */
    Message take() {
        if (count == 0) {
            return null;
        }
        Message message = ring[head];
        ring[head] = null;
        head = head + 1 & ring.length - 1;
        count--;
        return message;
    }

    boolean isEmpty() {
        return count == 0;
    }

    private void grow() {
        Message[] larger = new Message[ring.length * 2];
        for (int i = 0; i < count; i++) {
            larger[i] = ring[head + i & ring.length - 1];
        }
        ring = larger;
        head = 0;
    }
}
