package dev.karst.stream;

import dev.karst.base.ReactorConfined;
import java.util.Arrays;

/** Things without an order that matters. Allocates only when it grows beyond any size it had. */
@ReactorConfined
public final class Bag<T> {
    private Object[] elements = new Object[16];
    private int count;

    public void add(T element) {
        if (count == elements.length) {
            elements = Arrays.copyOf(elements, count * 2);
        }
        elements[count++] = element;
    }

    @SuppressWarnings("unchecked")
    public T get(int index) {
        return (T) elements[index];
    }

    /** Takes one out; the last takes its place. */
    public T removeAt(int index) {
        T removed = get(index);
        elements[index] = elements[--count];
        elements[count] = null;
        return removed;
    }

    public void remove(T element) {
        for (int i = 0; i < count; i++) {
            if (elements[i] == element) {
                removeAt(i);
                return;
            }
        }
    }

    public int size() {
        return count;
    }
}
