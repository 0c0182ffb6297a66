package dev.karst.base;

import java.util.function.Supplier;

/** A fixed number of objects made beforehand, handed out last in, first out. Reactor-confined. */
@ReactorConfined
public final class Pool<T> {
    private final Object[] free;
    private int count;

    /** Makes all {@code size} objects now. */
    public Pool(int size, Supplier<? extends T> maker) {
        free = new Object[size];
        while (count < size) {
            free[count++] = maker.get();
        }
    }

    /** An object, or null when all are out. */
    @SuppressWarnings("unchecked")
    public T take() {
        return count == 0 ? null : (T) free[--count];
    }

    /** Takes an object back; it must have come from here, once. */
    public void give(T object) {
        assert count < free.length : "an object was given back twice";
        if (free[count] != object) {
            free[count] = object;
        }
        count++;
    }

    /** How many are free. */
    public int free() {
        return count;
    }

    public int size() {
        return free.length;
    }
}
