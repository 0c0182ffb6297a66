package dev.karst.iscsi.rpc;

import dev.karst.base.StorageException;
import dev.karst.iscsi.model.Addresses;
import dev.karst.iscsi.model.AuthPolicy;
import dev.karst.iscsi.model.Portal;
import dev.karst.iscsi.model.TargetNode.Access;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the methods take in common, and how it is read. */
final class Arguments {
    static final RpcParameter TAG = RpcParameter.required("tag", Type.I32, "Number of the group");
    static final RpcParameter NAME = RpcParameter.required("name", Type.STRING, "Name of the target node").of(Kind.TARGET_NODE);
    static final RpcParameter DISABLE_CHAP = flag("disable_chap", "Whether CHAP is never used");
    static final RpcParameter REQUIRE_CHAP = flag("require_chap", "Whether nobody comes in without CHAP");
    static final RpcParameter MUTUAL_CHAP = flag("mutual_chap", "Whether the target has to say who it is too");
    static final RpcParameter CHAP_GROUP =
        RpcParameter.optional("chap_group", Type.I32, "Number of the group of secrets; 0 for none").of(Kind.AUTH_GROUP)
            .initially("0");
    static final RpcParameter MAPS = RpcParameter.required("pg_ig_maps", Type.LIST, "Which initiators may come by which portals").holding(
        RpcParameter.required("ig_tag", Type.I32, "Number of the initiator group").of(Kind.INITIATOR_GROUP),
        RpcParameter.required("pg_tag", Type.I32, "Number of the portal group").of(Kind.PORTAL_GROUP));

    private static final int MAX_PORT = 0xffff;

    private Arguments() {}

    static RpcParameter flag(String name, String doc) {
        return RpcParameter.optional(name, Type.BOOLEAN, doc).initially("false");
    }

    static StorageException invalid(String what) {
        return RpcError.invalidParameters("Invalid parameters: " + what);
    }

    static int number(RpcCall call, String name, long otherwise) {
        return (int) Math.min(call.number(name, otherwise), Integer.MAX_VALUE);
    }

    static int range(RpcCall call, String name, long otherwise, int low, int high) throws StorageException {
        long value = call.number(name, otherwise);
        if (value < low || value > high) {
            throw invalid(name + " is " + value + ", which is not from " + low + " to " + high);
        }
        return (int) value;
    }

    /** The elements of a list of objects; none when it was not sent. */
    @SuppressWarnings("unchecked")
    static List<RpcCall> objects(RpcCall call, String name) {
        List<RpcCall> objects = new ArrayList<>();
        if (call.has(name)) {
            for (Object element : (List<Object>) call.parameters().get(name)) {
                objects.add(new RpcCall((Map<String, Object>) element, _ -> { }, () -> false));
            }
        }
        return objects;
    }

    static AuthPolicy policy(RpcCall call, AuthPolicy otherwise) {
        return new AuthPolicy(call.flag("disable_chap", otherwise.disabled()), call.flag("require_chap", otherwise.required()),
            call.flag("mutual_chap", otherwise.mutual()), number(call, "chap_group", otherwise.group()));
    }

    /** The same as plain values. */
    static Map<String, Object> plain(AuthPolicy policy) {
        var map = new LinkedHashMap<String, Object>();
        map.put("disable_chap", policy.disabled());
        map.put("require_chap", policy.required());
        map.put("mutual_chap", policy.mutual());
        map.put("chap_group", (long) policy.group());
        return map;
    }

    static List<Access> maps(RpcCall call) {
        return objects(call, "pg_ig_maps").stream()
            .map(map -> new Access(number(map, "pg_tag", 0), number(map, "ig_tag", 0))).toList();
    }

    static Portal portal(String host, String port) throws StorageException {
        String address = Addresses.unbracketed(host);
        try {
            Addresses.parse(address);
        } catch (IllegalArgumentException e) {
            throw invalid(host + " is no numeric IPv4 or IPv6 address");
        }
        if (!port.matches("\\d{1,5}") || Integer.parseInt(port) > MAX_PORT) {
            throw invalid("port is " + port + ", which is no number from 0 to " + MAX_PORT);
        }
        return new Portal(address, Integer.parseInt(port));
    }
}
