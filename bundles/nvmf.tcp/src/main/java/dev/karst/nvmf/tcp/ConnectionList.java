package dev.karst.nvmf.tcp;

import dev.karst.base.ReactorConfined;
import java.util.Arrays;

/** Connections without an order that matters. Allocates only when it grows beyond any size it had. */
@ReactorConfined
final class ConnectionList {
    private TcpConnection[] elements = new TcpConnection[16];
    private int count;

    void add(TcpConnection connection) {
        if (count == elements.length) {
            elements = Arrays.copyOf(elements, count * 2);
        }
        elements[count++] = connection;
    }

    TcpConnection get(int index) {
        return elements[index];
    }

    /** Takes one out; the last takes its place. */
    TcpConnection removeAt(int index) {
        TcpConnection removed = elements[index];
        elements[index] = elements[--count];
        elements[count] = null;
        return removed;
    }

    void remove(TcpConnection connection) {
        for (int i = 0; i < count; i++) {
            if (elements[i] == connection) {
                removeAt(i);
                return;
            }
        }
    }

    int size() {
        return count;
    }
}
