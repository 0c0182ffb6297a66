package dev.karst.nvmf.testkit;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** One connection of an NVMe/TCP host: any PDU on command, and the few commands that tests need. Not for many threads. */
public final class NvmeTcpHost implements AutoCloseable {
    public static final int ICREQ = 0x00;
    public static final int ICRESP = 0x01;
    public static final int C2H_TERM_REQ = 0x03;
    public static final int CAPSULE_CMD = 0x04;
    public static final int CAPSULE_RESP = 0x05;
    public static final int H2C_DATA = 0x06;
    public static final int C2H_DATA = 0x07;
    public static final int R2T = 0x09;

    /** How long a PDU may take, when nothing else is said. */
    public static final int PATIENCE_MS = 10_000;

    /** Longer than any test, since this host sends no Keep Alive by itself. */
    private static final int KATO_MS = 600_000;
    private static final int HEADER_DIGEST = 1;
    private static final int DATA_DIGEST = 2;

    private final Wire wire;
    private int digests;
    private int nextCid;
    private int controllerId;
    private int patienceMs = PATIENCE_MS;

    /** A host that has sent nothing yet. */
    public NvmeTcpHost(Wire wire) {
        this.wire = wire;
    }

    /** From now on it waits so long for a PDU. */
    public void patience(int ms) {
        patienceMs = ms;
    }

    /** A PDU that came. */
    public record Received(int type, Bytes header, byte[] data) {}

    /** How a command ended: dwords 0 and 1, status without phase, and the data that came. */
    public record Completion(int cid, long result, int status, byte[] data) {}

    /** An ICReq as it should be. */
    public static Bytes icReq(int digests) {
        return new Bytes(128).set(0, 1, ICREQ).set(2, 1, 128).set(4, 4, 128).set(11, 1, digests);
    }

    /** A command entry with an SGL for data in the capsule, or by the transport; tests change what they want. */
    public static Bytes sqe(int opcode, int nsid, int dataLength, boolean inCapsule) {
        return new Bytes(64).set(0, 1, opcode).set(1, 1, 0x40).set(4, 4, nsid)
            .set(32, 4, dataLength).set(39, 1, inCapsule ? 0x01 : 0x5a);
    }

    /** A command capsule around an entry, with the digests that are in use. */
    public Bytes capsule(Bytes sqe, byte[] data) {
        int headerEnd = 72 + ((digests & HEADER_DIGEST) != 0 ? 4 : 0);
        boolean dataDigest = (digests & DATA_DIGEST) != 0 && data.length > 0;
        Bytes pdu = new Bytes(headerEnd + data.length + (dataDigest ? 4 : 0));
        int flags = ((digests & HEADER_DIGEST) != 0 ? 1 : 0) | (dataDigest ? 2 : 0);
        pdu.set(0, 1, CAPSULE_CMD).set(1, 1, flags).set(2, 1, 72).set(3, 1, data.length > 0 ? headerEnd : 0);
        pdu.set(4, 4, pdu.length()).set(8, sqe.array());
        return digest(pdu, 72, headerEnd, data);
    }

    private Bytes digest(Bytes pdu, int hlen, int headerEnd, byte[] data) {
        if ((digests & HEADER_DIGEST) != 0) {
            pdu.set(hlen, 4, Bytes.crc32c(pdu.array(), 0, hlen));
        }
        pdu.set(headerEnd, data);
        if ((digests & DATA_DIGEST) != 0 && data.length > 0) {
            pdu.set(headerEnd + data.length, 4, Bytes.crc32c(data, 0, data.length));
        }
        return pdu;
    }

    /** An H2CData PDU. */
    public Bytes hostData(int cid, int tag, int offset, byte[] data, boolean last) {
        int headerEnd = 24 + ((digests & HEADER_DIGEST) != 0 ? 4 : 0);
        boolean dataDigest = (digests & DATA_DIGEST) != 0;
        Bytes pdu = new Bytes(headerEnd + data.length + (dataDigest ? 4 : 0));
        int flags = ((digests & HEADER_DIGEST) != 0 ? 1 : 0) | (dataDigest ? 2 : 0) | (last ? 4 : 0);
        pdu.set(0, 1, H2C_DATA).set(1, 1, flags).set(2, 1, 24).set(3, 1, headerEnd).set(4, 4, pdu.length());
        pdu.set(8, 2, cid).set(10, 2, tag).set(12, 4, offset).set(16, 4, data.length);
        return digest(pdu, 24, headerEnd, data);
    }

    public void send(Bytes pdu) throws IOException {
        wire.send(pdu.array());
    }

    /** Sends an ICReq and takes the ICResp. */
    public void initialize(boolean headerDigest, boolean dataDigest) throws IOException {
        int wanted = (headerDigest ? HEADER_DIGEST : 0) | (dataDigest ? DATA_DIGEST : 0);
        send(icReq(wanted));
        Received answer = receive();
        if (answer.type() != ICRESP || answer.header().u8(11) != wanted) {
            throw new IOException("no ICResp with digests " + wanted + ", but PDU " + answer.type());
        }
        digests = wanted;
    }

    /** The next PDU; its digests are checked. */
    public Received receive() throws IOException {
        Bytes common = new Bytes(exactly(8));
        int hlen = common.u8(2);
        int plen = (int) common.u32(4);
        if (hlen < 8 || plen < hlen || plen > 1 << 24) {
            throw new IOException("a PDU with HLEN " + hlen + " and PLEN " + plen);
        }
        byte[] whole = new byte[plen];
        System.arraycopy(common.array(), 0, whole, 0, 8);
        fill(whole, 8, plen - 8);
        Bytes pdu = new Bytes(whole);
        int type = pdu.u8(0);
        if (type == ICRESP || type == C2H_TERM_REQ) {
            return new Received(type, pdu, pdu.part(hlen, plen - hlen));
        }
        if ((digests & HEADER_DIGEST) != 0 && pdu.u32(hlen) != (Bytes.crc32c(whole, 0, hlen) & 0xffff_ffffL)) {
            throw new IOException("a wrong header digest on PDU type " + type);
        }
        return new Received(type, pdu, type == C2H_DATA ? data(pdu) : new byte[0]);
    }

    private byte[] data(Bytes pdu) throws IOException {
        int offset = pdu.u8(3);
        byte[] data = pdu.part(offset, (int) pdu.u32(16));
        if ((digests & DATA_DIGEST) != 0
            && pdu.u32(offset + data.length) != (Bytes.crc32c(data, 0, data.length) & 0xffff_ffffL)) {
            throw new IOException("a wrong data digest");
        }
        return data;
    }

    /** Whether the peer closes, dropping whatever it sends before. */
    public boolean closesWithin(int timeoutMs) throws IOException {
        byte[] dropped = new byte[4096];
        int count;
        do {
            count = wire.receive(dropped, 0, dropped.length, timeoutMs);
        } while (count > 0);
        return count < 0;
    }

    private byte[] exactly(int length) throws IOException {
        byte[] bytes = new byte[length];
        fill(bytes, 0, length);
        return bytes;
    }

    private void fill(byte[] target, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            int count = wire.receive(target, offset + done, length - done, patienceMs);
            if (count < 0) {
                throw new EOFException("the target closed the connection");
            }
            done += count;
        }
    }

    /** A command identifier that is not in use. */
    public int cid() {
        nextCid = nextCid + 1 & 0xffff;
        return nextCid;
    }

    /** Sends a command, with data to write or none, does what R2Ts ask, and waits for its end. */
    public Completion execute(Bytes sqe, byte[] data, boolean inCapsule) throws IOException {
        int cid = cid();
        sqe.set(2, 2, cid);
        send(capsule(sqe, inCapsule ? data : new byte[0]));
        return await(cid, data);
    }

    /** Waits for the end of a command, sending {@code data} as R2Ts ask for it. */
    public Completion await(int cid, byte[] data) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        while (true) {
            Received pdu = receive();
            Bytes header = pdu.header();
            switch (pdu.type()) {
                case R2T -> answer(header, data);
                case C2H_DATA -> {
                    read.writeBytes(pdu.data());
                    if ((header.u8(1) & 8) != 0) {
                        return new Completion(header.u16(8), 0, 0, read.toByteArray());
                    }
                }
                case CAPSULE_RESP -> {
                    if (header.u16(20) != cid) {
                        throw new IOException("a response to command " + header.u16(20) + " instead of " + cid);
                    }
                    return new Completion(cid, header.u64(8), header.u16(22) >> 1, read.toByteArray());
                }
                default -> throw new IOException("PDU type " + pdu.type() + " while waiting for a command's end");
            }
        }
    }

    private void answer(Bytes r2t, byte[] data) throws IOException {
        int offset = (int) r2t.u32(12);
        int length = (int) r2t.u32(16);
        byte[] part = new byte[length];
        System.arraycopy(data, offset, part, 0, length);
        send(hostData(r2t.u16(8), r2t.u16(10), offset, part, true));
    }

    /** Connects the admin queue (0) or an I/O queue. Gives the completion; a success keeps the controller's number. */
    public Completion connect(String subsystem, String host, int qid, int entries) throws IOException {
        byte[] data = new byte[1024];
        data[0] = 0x55;
        Bytes fields = new Bytes(data).set(16, 2, qid == 0 ? 0xffff : controllerId);
        fields.set(256, subsystem.getBytes(StandardCharsets.US_ASCII));
        fields.set(512, host.getBytes(StandardCharsets.US_ASCII));
        Bytes sqe = sqe(0x7f, 1, data.length, true).set(42, 2, qid).set(44, 2, entries - 1);
        sqe.set(48, 4, qid == 0 ? KATO_MS : 0);
        Completion completion = execute(sqe, data, true);
        if (completion.status() == 0 && qid == 0) {
            controllerId = (int) completion.result() & 0xffff;
        }
        return completion;
    }

    /** The controller that the admin queue connected to. */
    public int controllerId() {
        return controllerId;
    }

    /** For an I/O queue's connection: the controller that it shall belong to. */
    public void controllerId(int controllerId) {
        this.controllerId = controllerId;
    }

    /** Enables the controller and waits until it is ready. */
    public void enable() throws IOException {
        propertySet(0x14, 0x460001, false);
        for (int i = 0; i < 100; i++) {
            if ((propertyGet(0x1c, false).result() & 1) != 0) {
                return;
            }
        }
        throw new IOException("the controller does not become ready");
    }

    /** Property Get of 4 or 8 bytes. */
    public Completion propertyGet(int offset, boolean wide) throws IOException {
        return execute(sqe(0x7f, 4, 0, false).set(40, 1, wide ? 1 : 0).set(44, 4, offset), new byte[0], false);
    }

    /** Property Set of 4 or 8 bytes. */
    public Completion propertySet(int offset, long value, boolean wide) throws IOException {
        Bytes sqe = sqe(0x7f, 0, 0, false).set(40, 1, wide ? 1 : 0).set(44, 4, offset).set(48, 8, value);
        return execute(sqe, new byte[0], false);
    }

    /** Identify. */
    public Completion identify(int cns, int nsid) throws IOException {
        return execute(sqe(0x06, nsid, 4096, false).set(40, 1, cns), new byte[0], false);
    }

    /** Reads blocks. */
    public Completion read(int nsid, long block, int blocks, int bytes) throws IOException {
        return execute(sqe(0x02, nsid, bytes, false).set(40, 8, block).set(48, 2, blocks - 1), new byte[0], false);
    }

    /** Writes blocks; data in the capsule or on request. */
    public Completion write(int nsid, long block, int blocks, byte[] data, boolean inCapsule) throws IOException {
        Bytes sqe = sqe(0x01, nsid, data.length, inCapsule).set(40, 8, block).set(48, 2, blocks - 1);
        return execute(sqe, data, inCapsule);
    }

    /** Flushes. */
    public Completion flush(int nsid) throws IOException {
        return execute(sqe(0x00, nsid, 0, false), new byte[0], false);
    }

    @Override
    public void close() throws IOException {
        wire.close();
    }
}
