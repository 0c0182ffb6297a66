package dev.karst.rpc;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What a call makes or sets that lasts: which of its parameters tell it from others, and which methods change it or take
 * it away. With it two states can be compared, and one be made of the other, without knowing any layer.
 *
 * @param key the parameters that tell it from others of its kind; one within an object has a dot, as {@code
 *     namespace.nsid}; empty when there is only one
 * @param undo the method that takes it away, or sets it back; null when nothing does. What it takes has the names of the
 *     call's own parameters
 * @param rest what {@code undo} takes besides: for a setting, its values when nobody set them; else empty
 * @param setters by parameter, the method that changes it while the thing is in use; it takes the key and that parameter
 * @param members by parameter that is a list of objects, the methods by which one of them comes and goes while the thing is in use
 * @param normal turns the parameters of a call into one form, the same for all calls that mean the same
 */
public record Effect(
    List<String> key, String undo, Map<String, Object> rest, Map<String, String> setters,
    Map<String, Members> members, UnaryOperator<Map<String, Object>> normal) {
    /** The methods that add an element of a list, and that remove one. */
    public record Members(String add, String remove) {}

    public Effect {
        key = List.copyOf(key);
        rest = Map.copyOf(rest);
        setters = Map.copyOf(setters);
        members = Map.copyOf(members);
    }

    /** Something that is made and, unless {@code undo} is null, can be taken away. */
    public static Effect made(String undo, String... key) {
        return new Effect(List.of(key), undo, Map.of(), Map.of(), Map.of(), UnaryOperator.identity());
    }

    /** A setting: {@code method} itself sets it back, with these values. */
    public static Effect set(String method, Map<String, Object> rest, String... key) {
        return new Effect(List.of(key), method, rest, Map.of(), Map.of(), UnaryOperator.identity());
    }

    /** The same, with a parameter that {@code method} changes while the thing is in use. */
    public Effect changedBy(String method, String parameter) {
        Map<String, String> more = new HashMap<>(setters);
        more.put(parameter, method);
        return new Effect(key, undo, rest, more, members, normal);
    }

    /**
     * The same, with a list of objects, one of which {@code add} and {@code remove} add and remove while the thing is in use. They take
     * the key and, beside it, either what such an object has or a list of them under the same name.
     */
    public Effect holding(String list, String add, String remove) {
        Map<String, Members> more = new HashMap<>(members);
        more.put(list, new Members(add, remove));
        return new Effect(key, undo, rest, setters, more, normal);
    }

    /** The same for a method that can be told one thing in several ways. */
    public Effect normalizedBy(UnaryOperator<Map<String, Object>> normal) {
        return new Effect(key, undo, rest, setters, members, normal);
    }
}
