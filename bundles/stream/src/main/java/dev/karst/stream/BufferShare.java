package dev.karst.stream;

import dev.karst.base.ReactorConfined;

/** What one connection holds of the shared buffers, and its requests that wait for one, in order of arrival. */
@ReactorConfined
public final class BufferShare {
    int small;
    int large;

    BufferWait firstWaiting;
    private BufferWait lastWaiting;

    /** Its place in a line of those that wait; null while it is in none. */
    BufferLine line;
    BufferShare next;
    BufferShare previous;

    void append(BufferWait wait) {
        wait.next = null;
        if (firstWaiting == null) {
            firstWaiting = wait;
        } else {
            lastWaiting.next = wait;
        }
        lastWaiting = wait;
    }

    BufferWait removeFirst() {
        BufferWait wait = firstWaiting;
        firstWaiting = wait.next;
        wait.next = null;
        return wait;
    }

    /** Takes one out, wherever it stands. */
    void remove(BufferWait wait) {
        BufferWait before = null;
        for (BufferWait at = firstWaiting; at != null; before = at, at = at.next) {
            if (at == wait) {
                unlink(before, wait);
                return;
            }
        }
    }

    private void unlink(BufferWait before, BufferWait wait) {
        if (before == null) {
            firstWaiting = wait.next;
        } else {
            before.next = wait.next;
        }
        if (lastWaiting == wait) {
            lastWaiting = before;
        }
        wait.next = null;
    }
}
