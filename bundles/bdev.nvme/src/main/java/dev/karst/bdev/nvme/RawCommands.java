package dev.karst.bdev.nvme;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.nvme.control.AttachedController;
import dev.karst.env.Region;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.nvme.NvmeRequest;
import dev.karst.reactor.Reactor;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import dev.karst.spec.nvme.DataTransfer;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Commands as clients write them: {@code bdev_nvme_send_cmd}. */
final class RawCommands {
    private static final int MOST_BYTES = 1 << 20;
    private static final int CQE_BYTES = 16;
    private static final int STATUS_AT = 14;
    private static final long TIMEOUT_MS = 60_000;

    private final NvmeModule module;

    RawCommands(NvmeModule module) {
        this.module = module;
    }

    /** One on its way. */
    private static final class Raw extends NvmeRequest {
        private final CompletableFuture<Integer> done = new CompletableFuture<>();

        Raw() {
            super(2);
        }

        @Override
        protected void ended(int status) {
            done.complete(status);
        }
    }

    RpcMethod send() {
        return RpcMethod.named("bdev_nvme_send_cmd", "bdev", "nvme-send", "Sends a command to a controller as it is")
            .takes(ControllerMethods.NAME,
                RpcParameter.required("cmd_type", Type.STRING, "Which queue it goes to").oneOf("admin", "io"),
                RpcParameter.required("data_direction", Type.STRING, "Which way its data goes").oneOf("h2c", "c2h"),
                RpcParameter.required("cmdbuf", Type.STRING, "Submission queue entry, 64 bytes, as base64url"),
                RpcParameter.optional("data", Type.STRING, "Data for the controller, as base64url"),
                RpcParameter.optional("metadata", Type.STRING, "Metadata for the controller, as base64url"),
                RpcParameter.optional("data_len", Type.U32, "Bytes of data that come back"),
                RpcParameter.optional("metadata_len", Type.U32, "Bytes of metadata that come back"),
                RpcParameter.optional("timeout_ms", Type.U32, "How long to wait").initially("60000"))
            .by(RpcMethod.Role.ADMIN)
            .does(this::send);
    }

    private Object send(RpcCall call) throws StorageException {
        BdevHost host = module.host();
        AttachedController attached = module.controllers().named(call.string("name"), -1).getFirst();
        byte[] entry = bytes(call, "cmdbuf");
        boolean toHost = call.string("data_direction").equalsIgnoreCase("c2h");
        byte[] data = buffer(call, "data", toHost);
        byte[] metadata = buffer(call, "metadata", toHost);
        boolean right = entry.length == Sqe.BYTES && ((entry[0] & 3) == DataTransfer.NONE || toHost == ((entry[0] & 3) == DataTransfer.TO_HOST));
        if (!right) {
            throw RpcError.invalidParameters(
                "Invalid parameters: bdev_nvme_send_cmd: cmdbuf has " + entry.length + " bytes, or its opcode another direction; give 64");
        }
        Region memory = host.environment().memory().allocate("bdev.nvme command", Math.max(1, data.length) + (long) metadata.length);
        var raw = new Raw();
        int status;
        try {
            put(memory.address(), data);
            put(memory.address() + data.length, metadata);
            fill(raw, entry, memory.address(), data.length, metadata.length);
            submit(host, attached, raw, call.string("cmd_type").equalsIgnoreCase("admin"));
            status = host.reactors().await(raw.done, call.number("timeout_ms", TIMEOUT_MS), "the command");
            get(memory.address(), data);
            get(memory.address() + data.length, metadata);
        } finally {
            // What may still be written to stays out of use.
            if (raw.done.isDone() || raw.queue() == null) {
                host.environment().memory().free(memory);
            }
        }
        return json(raw, status, toHost, data, metadata);
    }

    private static Map<String, Object> json(Raw raw, int status, boolean toHost, byte[] data, byte[] metadata) {
        byte[] completion = ByteBuffer.allocate(CQE_BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(0, raw.result)
            .putShort(STATUS_AT, (short) (status << 1)).array();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("cpl", text(completion));
        if (toHost && data.length > 0) {
            json.put("data", text(data));
        }
        if (toHost && metadata.length > 0) {
            json.put("metadata", text(metadata));
        }
        return json;
    }

    private static void fill(Raw raw, byte[] entry, long address, int dataBytes, int metadataBytes) {
        ByteBuffer sqe = ByteBuffer.wrap(entry).order(ByteOrder.LITTLE_ENDIAN);
        raw.command(entry[0] & 0xff, sqe.getInt(Sqe.NSID.offset()));
        raw.cdw2and3 = sqe.getLong(Sqe.CDW2.offset());
        raw.cdw10and11 = sqe.getLong(Sqe.CDW10.offset());
        raw.cdw12and13 = sqe.getLong(Sqe.CDW12.offset());
        raw.cdw14and15 = sqe.getLong(Sqe.CDW14.offset());
        if (dataBytes > 0) {
            raw.data.set(address, dataBytes);
        }
        if (metadataBytes > 0) {
            raw.metadata = address + dataBytes;
            raw.metadataBytes = metadataBytes;
        }
    }

    private static void submit(BdevHost host, AttachedController attached, Raw raw, boolean admin) throws StorageException {
        if (admin) {
            NvmeController controller = DeviceMethods.connected(attached);
            refuseDriversOwn(raw.opcode);
            controller.submitAdmin(raw);
            return;
        }
        for (Reactor reactor : host.reactors().all()) {
            NvmeQueuePair queue = attached.path().queue(reactor);
            if (queue != null) {
                int status = host.reactors().call(reactor, _ -> queue.submit(raw));
                if (status != Status.OK) {
                    throw StorageException.failure(Errno.EIO, "the command was not taken: " + Status.text(status));
                }
                return;
            }
        }
        throw StorageException.failure(Errno.ENOTCONN, attached.attachment().id() + " has no queue for I/O at the moment");
    }

    /** Queues are the driver's. */
    private static void refuseDriversOwn(int opcode) throws StorageException {
        boolean own = switch (opcode) {
            case Opcode.ADMIN_CREATE_IO_SQ, Opcode.ADMIN_DELETE_IO_SQ, Opcode.ADMIN_CREATE_IO_CQ, Opcode.ADMIN_DELETE_IO_CQ,
                Opcode.ADMIN_ASYNC_EVENT_REQUEST, Opcode.ADMIN_KEEP_ALIVE, Opcode.FABRICS -> true;
            default -> false;
        };
        if (own) {
            throw StorageException.failure(Errno.EPERM, String.format("commands with opcode %02xh are the driver's own", opcode));
        }
    }

    private static byte[] buffer(RpcCall call, String name, boolean toHost) throws StorageException {
        if (!toHost) {
            return call.has(name) ? bytes(call, name) : new byte[0];
        }
        long length = call.number(name + "_len", 0);
        if (length > MOST_BYTES) {
            throw RpcError.invalidParameters("Invalid parameters: bdev_nvme_send_cmd: " + name + "_len is " + length + "; "
                + MOST_BYTES + " is the most");
        }
        return new byte[(int) length];
    }

    private static byte[] bytes(RpcCall call, String name) throws StorageException {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(call.string(name));
            if (bytes.length <= MOST_BYTES) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            throw RpcError.invalidParameters("Invalid parameters: bdev_nvme_send_cmd: " + name + " is no base64url: " + e.getMessage());
        }
        throw RpcError.invalidParameters("Invalid parameters: bdev_nvme_send_cmd: " + name + " is longer than " + MOST_BYTES + " bytes");
    }

    private static String text(byte[] bytes) {
        return Base64.getUrlEncoder().encodeToString(bytes);
    }

    private static void put(long address, byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            Mem.setByte(address + i, bytes[i]);
        }
    }

    private static void get(long address, byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = Mem.getByte(address + i);
        }
    }
}
