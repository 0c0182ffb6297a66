package dev.karst.rpc;

import java.util.List;

/**
 * One parameter of a method: enough for checking, completion, help and reference.
 *
 * @param name as a client sends it
 * @param type what it may hold
 * @param kind what kind of thing it names, for completion; {@link Kind#VALUE} for none
 * @param required whether it must be there
 * @param initial what holds when it is left out, as a person would write it; null for nothing
 * @param choices the only values of an {@link Type#ENUM}; else empty
 * @param fields what an {@link Type#OBJECT}, or each element of a {@link Type#LIST}, holds; else empty
 * @param secret whether its value must not be shown or logged
 * @param doc one sentence, without a full stop
 */
public record RpcParameter(
    String name, Type type, Kind kind, boolean required, String initial, List<String> choices, List<RpcParameter> fields,
    boolean secret, String doc) {
    /** What a value is. */
    public enum Type {
        STRING,
        BOOLEAN,
        /** 0 to 65535. */
        U16,
        /** 0 to 2^32 - 1. */
        U32,
        /** 0 to 2^63 - 1. */
        U64,
        I32,
        UUID,
        /** One of {@link RpcParameter#choices}, compared without case. */
        ENUM,
        OBJECT,
        /** A list of strings or, if there are fields, of objects. */
        LIST
    }

    /** What a value names. */
    public enum Kind {
        VALUE,
        BDEV,
        SUBSYSTEM,
        REACTOR,
        FILE
    }

    /** A parameter that may be left out. */
    public static RpcParameter optional(String name, Type type, String doc) {
        return new RpcParameter(name, type, Kind.VALUE, false, null, List.of(), List.of(), false, doc);
    }

    /** A parameter that must be there. */
    public static RpcParameter required(String name, Type type, String doc) {
        return new RpcParameter(name, type, Kind.VALUE, true, null, List.of(), List.of(), false, doc);
    }

    /** The same, naming such a thing. */
    public RpcParameter of(Kind kind) {
        return new RpcParameter(name, type, kind, required, initial, choices, fields, secret, doc);
    }

    /** The same, with what holds when it is left out. */
    public RpcParameter initially(String initial) {
        return new RpcParameter(name, type, kind, required, initial, choices, fields, secret, doc);
    }

    /** The same, limited to these values. */
    public RpcParameter oneOf(String... choices) {
        return new RpcParameter(name, Type.ENUM, kind, required, initial, List.of(choices), fields, secret, doc);
    }

    /** The same, holding these. */
    public RpcParameter holding(RpcParameter... fields) {
        return new RpcParameter(name, type, kind, required, initial, choices, List.of(fields), secret, doc);
    }

    /** The same, never shown. */
    public RpcParameter hidden() {
        return new RpcParameter(name, type, kind, required, initial, choices, fields, true, doc);
    }
}
