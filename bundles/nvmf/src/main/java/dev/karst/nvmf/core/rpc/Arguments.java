package dev.karst.nvmf.core.rpc;

import dev.karst.base.StorageException;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.core.NvmfTarget;
import dev.karst.nvmf.core.Transports;
import dev.karst.nvmf.core.model.Namespace;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.HexFormat;

/** What the methods take in common, and how it is read. */
final class Arguments {
    static final RpcParameter NQN =
        RpcParameter.required("nqn", Type.STRING, "Name of the subsystem").of(Kind.SUBSYSTEM);
    static final RpcParameter TARGET =
        RpcParameter.optional("tgt_name", Type.STRING, "For clients of SPDK; there is one target").passing();

    private static final RpcParameter[] ADDRESS_FIELDS = {
        RpcParameter.required("trtype", Type.STRING, "Transport: TCP").of(Kind.TRANSPORT),
        RpcParameter.optional("adrfam", Type.STRING, "IPv4 or IPv6; found out when left out"),
        RpcParameter.required("traddr", Type.STRING, "Numeric address").of(Kind.ADDRESS),
        RpcParameter.optional("trsvcid", Type.STRING, "Port; 0 for one that is free").of(Kind.PORT).initially("4420")
    };
    static final RpcParameter ADDRESS =
        RpcParameter.required("listen_address", Type.OBJECT, "Where hosts reach it").holding(ADDRESS_FIELDS);
    static final RpcParameter REFERRED = RpcParameter.required(
        "address", Type.OBJECT, "Where hosts shall ask or connect").holding(ADDRESS_FIELDS);

    private Arguments() {}

    /** The address in the parameter of this name. */
    static ListenAddress address(RpcCall call, String name) throws StorageException {
        RpcCall address = call.object(name);
        return Transports.canonical(
            address.string("trtype"), address.string("adrfam"), address.string("traddr"),
            address.string("trsvcid", "4420"));
    }

    static RpcParameter flag(String name, String doc) {
        return RpcParameter.optional(name, Type.BOOLEAN, doc).initially("false");
    }

    static StorageException invalid(String what) {
        return RpcError.invalidParameters("Invalid parameters: " + what);
    }

    /** Things that must not be taken as done when they are not. */
    static void refuse(RpcCall call, String... names) throws StorageException {
        for (String name : names) {
            Object value = call.parameters().get(name);
            if (value != null && !Boolean.FALSE.equals(value)) {
                throw invalid(name + " is not supported");
            }
        }
    }

    static int number(RpcCall call, String name, int otherwise) {
        return (int) Math.min(call.number(name, otherwise), Integer.MAX_VALUE);
    }

    static String text(RpcCall call, String name, String otherwise, int most) throws StorageException {
        String text = call.string(name, otherwise);
        if (text.length() > most || !text.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw invalid(name + " is not up to " + most + " printable ASCII characters");
        }
        return text;
    }

    static long range(RpcCall call, String name, long otherwise, long low, long high) throws StorageException {
        long value = call.number(name, otherwise);
        if (value < low || value > high) {
            throw invalid(name + " is " + value + ", which is not from " + low + " to " + high);
        }
        return value;
    }

    /** The namespace that {@code nqn} and {@code nsid} name. */
    static Namespace namespace(NvmfTarget target, RpcCall call) throws StorageException {
        Subsystem subsystem = nvmSubsystem(target, call);
        Namespace namespace = subsystem.namespace(number(call, "nsid", 0));
        if (namespace == null) {
            throw invalid(subsystem.nqn + " has no namespace " + call.number("nsid"));
        }
        return namespace;
    }

    static byte[] hex(RpcCall call, String name, int bytes) throws StorageException {
        String digits = call.string(name);
        if (digits != null && !digits.matches("[0-9A-Fa-f]{" + 2 * bytes + "}")) {
            throw invalid(name + " is " + digits + ", which is not " + 2 * bytes + " hexadecimal digits");
        }
        return digits == null ? null : HexFormat.of().parseHex(digits);
    }

    static Subsystem subsystem(NvmfTarget target, RpcCall call) throws StorageException {
        Subsystem subsystem = target.subsystem(call.string("nqn"));
        if (subsystem == null) {
            throw invalid("there is no subsystem " + call.string("nqn")
                + "; nvmf:subsystem-list shows those there are");
        }
        return subsystem;
    }

    /** A subsystem that is not the discovery subsystem. */
    static Subsystem nvmSubsystem(NvmfTarget target, RpcCall call) throws StorageException {
        Subsystem subsystem = subsystem(target, call);
        if (subsystem.discovery) {
            throw invalid("the discovery subsystem stays as it is");
        }
        return subsystem;
    }
}
