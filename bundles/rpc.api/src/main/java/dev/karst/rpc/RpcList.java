package dev.karst.rpc;

import java.util.AbstractList;
import java.util.List;
import java.util.function.Function;

/**
 * A result that is a list of any length: each element becomes a plain value when it is asked for, so that a front that writes
 * one after the other never holds all of them. Making one must not block, and must work after the method has returned.
 */
public final class RpcList<T> extends AbstractList<Object> {
    private final List<T> things;
    private final Function<? super T, ?> plain;

    private RpcList(List<T> things, Function<? super T, ?> plain) {
        this.things = things;
        this.plain = plain;
    }

    /** What {@code plain} makes of each of these. */
    public static <T> RpcList<T> of(List<T> things, Function<? super T, ?> plain) {
        return new RpcList<>(List.copyOf(things), plain);
    }

    @Override
    public Object get(int index) {
        return plain.apply(things.get(index));
    }

    @Override
    public int size() {
        return things.size();
    }
}
