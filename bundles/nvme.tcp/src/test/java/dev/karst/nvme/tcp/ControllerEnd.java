package dev.karst.nvme.tcp;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Region;
import dev.karst.env.ServerSocket;
import dev.karst.env.StreamSocket;
import dev.karst.nvmf.testkit.Bytes;
import dev.karst.reactor.Poller;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.sim.SimWorld;
import java.io.ByteArrayOutputStream;
import java.util.function.UnaryOperator;

/** The controller's end of a connection, played by the test; waiting steps the world. Any PDU can be sent, right or wrong. */
final class ControllerEnd implements AutoCloseable {
    static final int ICREQ = 0x00;
    static final int ICRESP = 0x01;
    static final int H2C_TERM_REQ = 0x02;
    static final int C2H_TERM_REQ = 0x03;
    static final int CAPSULE_CMD = 0x04;
    static final int CAPSULE_RESP = 0x05;
    static final int H2C_DATA = 0x06;
    static final int C2H_DATA = 0x07;
    static final int R2T = 0x09;

    private static final int BYTES = 256 * 1024;

    private final SimWorld world;
    private final UnaryOperator<Bytes> offer;
    private final Reactor reactor;
    private final ServerSocket listening;
    private final Region region;
    private final IoVector vector = new IoVector(1);
    private StreamSocket socket;
    private boolean answered;
    /** What came and is no whole PDU. */
    private byte[] rest = {};
    private byte[] unsent = {};
    /** Whether the host closed or reset the connection. */
    boolean ended;
    int digests;
    /** What PDO is a multiple of, of data that is sent. */
    int alignment = 4;

    /** Accepts a connection and answers its ICReq with what {@code offer} makes of it; null for nothing. */
    ControllerEnd(SimWorld world, UnaryOperator<Bytes> offer) throws Exception {
        this.world = world;
        this.offer = offer;
        reactor = world.reactors().next();
        listening = world.environment().network().listen("127.0.0.1", 0, 4);
        region = world.environment().memory().allocate("controller end", BYTES);
        world.on(reactor, () -> reactor.add(opening));
    }

    /** One that offers the digests that are asked for. */
    ControllerEnd(SimWorld world) throws Exception {
        this(world, icReq -> icResp(icReq.u8(11)));
    }

    /** While the host waits for its connection, the test waits for the host. */
    private final Poller opening = new Poller() {
        @Override
        public int poll() {
            if (socket == null) {
                socket = listening.accept();
            }
            Bytes icReq = socket == null || answered ? null : ControllerEnd.this.poll();
            if (icReq != null) {
                answered = true;
                check(icReq);
                Bytes answer = offer.apply(icReq);
                digests = icReq.u8(11);
                if (answer != null) {
                    send(answer);
                }
            }
            flush();
            return 0;
        }

        @Override
        public boolean announcesWork() {
            return false;
        }
    };

    private static void check(Bytes icReq) {
        Host.check(icReq.u8(0) == ICREQ && icReq.length() == 128 && icReq.u8(2) == 128, "no ICReq");
    }

    int port() {
        return listening.port();
    }

    /** A whole PDU if one has come, or null. */
    Bytes poll() {
        int count = 1;
        while (count > 0 && !ended) {
            count = socket.read(region.address(), BYTES);
            if (count > 0) {
                byte[] longer = new byte[rest.length + count];
                System.arraycopy(rest, 0, longer, 0, rest.length);
                Mem.get(region.address(), longer, rest.length, count);
                rest = longer;
            } else if (count != StreamSocket.AGAIN) {
                ended = true;
            }
        }
        int length = rest.length < 8 ? Integer.MAX_VALUE : (int) new Bytes(rest).u32(4);
        if (rest.length < length) {
            return null;
        }
        Bytes all = new Bytes(rest);
        rest = all.part(length, rest.length - length);
        return new Bytes(all.part(0, length));
    }

    /** Waits for a PDU. */
    Bytes receive() {
        Bytes[] pdu = {null};
        world.until(() -> {
            flush();
            pdu[0] = poll();
            return pdu[0] != null || ended;
        });
        Host.check(pdu[0] != null, "the host closed the connection");
        return pdu[0];
    }

    /** Sends, now or as soon as there is space. */
    void send(Bytes pdu) {
        var all = new ByteArrayOutputStream();
        all.writeBytes(unsent);
        all.writeBytes(pdu.array());
        unsent = all.toByteArray();
        flush();
    }

    void flush() {
        while (socket != null && unsent.length > 0 && !ended) {
            int count = Math.min(unsent.length, BYTES);
            Mem.put(region.address(), unsent, 0, count);
            vector.set(region.address(), count);
            int written = socket.write(vector, 0);
            if (written <= 0) {
                ended = written != StreamSocket.AGAIN;
                return;
            }
            unsent = new Bytes(unsent).part(written, unsent.length - written);
        }
    }

    /** Whether much of what was sent waits for the host to read. */
    boolean isBlocked() {
        return unsent.length > 8192;
    }

    static Bytes icResp(int digests) {
        return new Bytes(128).set(0, 1, ICRESP).set(2, 1, 128).set(4, 4, 128).set(11, 1, digests).set(12, 4, 4096);
    }

    Bytes response(int cid, int status) {
        Bytes pdu = new Bytes(24 + headerDigestBytes()).set(20, 2, cid).set(22, 2, status << 1);
        return seal(pdu, CAPSULE_RESP, 0, new byte[0], 0);
    }

    Bytes r2t(int cid, int tag, long offset, long length) {
        Bytes pdu = new Bytes(24 + headerDigestBytes()).set(8, 2, cid).set(10, 2, tag).set(12, 4, offset).set(16, 4, length);
        return seal(pdu, R2T, 0, new byte[0], 0);
    }

    /** Data to the host. {@code flags} are LAST_PDU and SUCCESS. */
    Bytes data(int cid, int offset, byte[] data, int flags) {
        int end = 24 + headerDigestBytes();
        int pdo = (end + alignment - 1) / alignment * alignment;
        boolean digested = (digests & 2) != 0;
        Bytes pdu = new Bytes(pdo + data.length + (digested ? 4 : 0)).set(8, 2, cid).set(12, 4, offset).set(16, 4, data.length);
        pdu.set(pdo, data);
        if (digested) {
            pdu.set(pdo + data.length, 4, Bytes.crc32c(data, 0, data.length));
        }
        return seal(pdu, C2H_DATA, flags | (digested ? 2 : 0), data, pdo);
    }

    static Bytes termReq(int fes, int fei) {
        return new Bytes(24).set(0, 1, C2H_TERM_REQ).set(2, 1, 24).set(4, 4, 24).set(8, 2, fes).set(10, 4, fei);
    }

    private int headerDigestBytes() {
        return (digests & 1) != 0 ? 4 : 0;
    }

    private Bytes seal(Bytes pdu, int type, int flags, byte[] data, int pdo) {
        pdu.set(0, 1, type).set(1, 1, flags | digests & 1).set(2, 1, 24).set(3, 1, data.length > 0 ? pdo : 0);
        pdu.set(4, 4, pdu.length());
        return reseal(pdu);
    }

    /** Makes the header digest right again after a field was changed. */
    Bytes reseal(Bytes pdu) {
        return (digests & 1) != 0 ? pdu.set(24, 4, Bytes.crc32c(pdu.array(), 0, 24)) : pdu;
    }

    /** Ends the connection. */
    void hangUp() {
        if (socket != null) {
            socket.close();
        }
    }

    @Override
    public void close() throws StorageException {
        hangUp();
        listening.close();
        world.reactors().call(reactor, _ -> {
            reactor.remove(opening);
            return null;
        });
        world.environment().memory().free(region);
    }
}
