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
 * @param saved whether it is part of what lasts; one that only guides the call is not
 * @param doc one sentence, without a full stop
 */
public record RpcParameter(
    String name, Type type, Kind kind, boolean required, String initial, List<String> choices, List<RpcParameter> fields,
    boolean secret, boolean saved, String doc) {
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
        /** With fields, just these; without, anything. */
        OBJECT,
        /** A list of strings or, if there are fields, of objects. */
        LIST,
        /** A list of numbers, each as of {@link #U64}. */
        NUMBERS
    }

    /** What a value names. */
    public enum Kind {
        VALUE,
        BDEV,
        SUBSYSTEM,
        /** The number of a namespace. */
        NAMESPACE,
        /** A host's NQN. */
        HOST,
        /** A type of transport, compared without case. */
        TRANSPORT,
        /** An address that is listened at. */
        ADDRESS,
        /** A port that is listened at. */
        PORT,
        /** The name of an iSCSI target node. */
        TARGET_NODE,
        /** The number of a group of iSCSI portals. */
        PORTAL_GROUP,
        /** The number of a group of iSCSI initiators. */
        INITIATOR_GROUP,
        /** The number of a group of secrets. */
        AUTH_GROUP,
        /** The name of a vhost-user controller. */
        VHOST_CONTROLLER,
        REACTOR,
        /** A layer that has a configuration. */
        LAYER,
        /** A file; of an {@link Type#OBJECT}, one that holds it as JSON or YAML. */
        FILE
    }

    /** A parameter that may be left out. */
    public static RpcParameter optional(String name, Type type, String doc) {
        return new RpcParameter(name, type, Kind.VALUE, false, null, List.of(), List.of(), false, true, doc);
    }

    /** A parameter that must be there. */
    public static RpcParameter required(String name, Type type, String doc) {
        return new RpcParameter(name, type, Kind.VALUE, true, null, List.of(), List.of(), false, true, doc);
    }

    /** The same, naming such a thing. */
    public RpcParameter of(Kind kind) {
        return new RpcParameter(name, type, kind, required, initial, choices, fields, secret, saved, doc);
    }

    /** The same, with what holds when it is left out. */
    public RpcParameter initially(String initial) {
        return new RpcParameter(name, type, kind, required, initial, choices, fields, secret, saved, doc);
    }

    /** The same, limited to these values. */
    public RpcParameter oneOf(String... choices) {
        return new RpcParameter(name, Type.ENUM, kind, required, initial, List.of(choices), fields, secret, saved, doc);
    }

    /** The same, holding these. */
    public RpcParameter holding(RpcParameter... fields) {
        return new RpcParameter(name, type, kind, required, initial, choices, List.of(fields), secret, saved, doc);
    }

    /** The same, guiding only the call: it does not last, so that no state is told by it. */
    public RpcParameter passing() {
        return new RpcParameter(name, type, kind, required, initial, choices, fields, secret, false, doc);
    }

    /** The same, never shown. */
    public RpcParameter hidden() {
        return new RpcParameter(name, type, kind, required, initial, choices, fields, true, saved, doc);
    }
}
