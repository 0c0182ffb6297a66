package dev.karst.nvmf.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** One connection of a conversation: what it is, and what came that was not asked for yet. */
final class PlayedHost {
    final NvmeTcpHost host;
    private final Wire wire;
    private final Map<Integer, NvmeTcpHost.Completion> ended = new HashMap<>();
    private final Map<Integer, ByteArrayOutputStream> data = new HashMap<>();
    /** The R2T that came last and was not asked for yet. */
    private Bytes r2t;
    /** Its queue; -1 before a Connect. */
    int qid = -1;
    /** The command that was sent last. */
    int lastCid;
    /** Commands whose end nobody asked for yet. */
    final Set<Integer> open = new LinkedHashSet<>();
    /** The R2T that was asked for last. */
    Bytes answering;

    PlayedHost(Wire wire) {
        this.wire = wire;
        host = new NvmeTcpHost(wire);
    }

    void send(byte[] bytes) throws IOException {
        wire.send(bytes);
    }

    /** The end of a command, which may have come before. */
    NvmeTcpHost.Completion completion(int cid) throws IOException {
        while (!ended.containsKey(cid)) {
            take(host.receive());
        }
        open.remove(cid);
        return ended.remove(cid);
    }

    /** The next R2T, which may have come before. */
    Bytes nextR2t() throws IOException {
        while (r2t == null) {
            take(host.receive());
        }
        answering = r2t;
        r2t = null;
        return answering;
    }

    /** The next PDU of that type, keeping what comes before it. */
    NvmeTcpHost.Received next(int type) throws IOException {
        while (true) {
            NvmeTcpHost.Received pdu = host.receive();
            if (pdu.type() == type) {
                return pdu;
            }
            take(pdu);
        }
    }

    private void take(NvmeTcpHost.Received pdu) throws IOException {
        Bytes header = pdu.header();
        switch (pdu.type()) {
            case NvmeTcpHost.R2T -> r2t = header;
            case NvmeTcpHost.C2H_DATA -> {
                data.computeIfAbsent(header.u16(8), _ -> new ByteArrayOutputStream()).writeBytes(pdu.data());
                if ((header.u8(1) & 8) != 0) {
                    end(header.u16(8), 0, 0);
                }
            }
            case NvmeTcpHost.CAPSULE_RESP -> end(header.u16(20), header.u64(8), header.u16(22) >> 1);
            case NvmeTcpHost.C2H_TERM_REQ ->
                throw new IOException("a C2HTermReq with FES " + header.u16(8) + ", FEI " + header.u32(10));
            default -> throw new IOException("PDU type " + pdu.type());
        }
    }

    private void end(int cid, long result, int status) {
        ByteArrayOutputStream came = data.remove(cid);
        byte[] bytes = came == null ? new byte[0] : came.toByteArray();
        if (ended.put(cid, new NvmeTcpHost.Completion(cid, result, status, bytes)) != null) {
            throw new AssertionError("command " + cid + " ended twice");
        }
    }
}
