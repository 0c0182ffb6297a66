package dev.karst.nvmf.tcp;

import dev.karst.base.Crc32c;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.StateReader;
import dev.karst.base.StateWriter;
import dev.karst.base.StorageException;
import dev.karst.env.StreamSocket;
import dev.karst.spec.nvmetcp.IcReq;
import dev.karst.spec.nvmetcp.Pdu;
import dev.karst.spec.nvmetcp.PduSyntax;
import dev.karst.spec.nvmetcp.TermReq;

/**
 * Makes PDUs of a stream of bytes. They are read to a buffer that the connections of a reactor share, as only what is
 * missing of a header is left of it between two turns; much outstanding data is read to where it belongs without a copy.
 * Nothing is believed before it has been checked, and no length that a peer sends makes memory.
 */
@ReactorConfined
final class Receiver {
    /** The buffer that connections share. */
    static final int BUFFER_BYTES = 256 * 1024;
    /** What a connection keeps: more than the largest header with its digest. */
    static final int REST_BYTES = 256;
    /** What is read at once beside large data, most of which is then read to its place. */
    private static final int BESIDE_LARGE_BYTES = 16 * 1024;
    /** From this length on data is large. */
    private static final int LARGE_BYTES = 8 * 1024;
    /** From this much outstanding data on it is read to its place directly. */
    private static final int DIRECT_BYTES = 2048;
    /** What one connection may take in before the others have their turn. */
    private static final int SHARE_BYTES = 512 * 1024;

    private static final int PADDING_MAX = 255;

    /** What the next bytes are. */
    private enum Phase {
        HEADER,
        PADDING,
        DATA,
        DIGEST,
        /** Nothing of the stream is understood any more; it is read so that the peer can end. */
        DISCARD
    }

    private final TcpConnection connection;
    private final Crc32c crc;
    private final long buffer;
    private final long rest;
    /** Bytes of a header that has not come whole, kept from turn to turn. */
    private int restBytes;
    private int head;
    private int tail;
    /** How much is read to the buffer at once. */
    private int window = BUFFER_BYTES;
    private Phase phase = Phase.HEADER;
    private boolean commonChecked;
    private int digests;
    private int dataMax = IcReq.BYTES;

    /** The rest of the PDU whose header has been taken. */
    private int paddingLeft;
    private int dataLength;
    private int dataLeft;
    /** Where the data goes, or 0 to drop it. */
    private long target;

    /** A receiver with {@code buffer}, which others use too, and {@code rest}, which is its own. */
    Receiver(TcpConnection connection, long buffer, long rest, Crc32c crc) {
        this.connection = connection;
        this.buffer = buffer;
        this.rest = rest;
        this.crc = crc;
    }

    /** From the next PDU on these digests are in use, and a PDU carries up to so much data. */
    void negotiated(int digests, int dataMax) {
        this.digests = digests;
        this.dataMax = dataMax;
    }

    /** For the handler of a header: the data of this PDU goes there; 0 drops it. */
    void target(long address) {
        target = address;
    }

    /** Writes how far the PDU has come that is being received. */
    void save(StateWriter state) {
        state.memory(rest, restBytes).number(phase.ordinal()).flag(commonChecked)
            .number(paddingLeft).number(dataLength).number(dataLeft);
    }

    /** Goes on from what was saved; {@link #target} follows. */
    void restore(StateReader state) throws StorageException {
        byte[] saved = state.bytes();
        restBytes = Math.min(saved.length, REST_BYTES);
        Mem.put(rest, saved, 0, restBytes);
        phase = Phase.values()[state.number(0, Phase.DIGEST.ordinal())];
        commonChecked = state.flag();
        paddingLeft = state.number(0, PADDING_MAX);
        dataLength = state.number(0, dataMax);
        dataLeft = state.number(0, dataLength);
        chooseWindow();
    }

    /** Bytes of data that the present PDU says it carries. */
    int announced() {
        return dataLength;
    }

    /** How many of them have not come. */
    int missing() {
        return dataLeft;
    }

    private void chooseWindow() {
        window = dataLength >= LARGE_BYTES ? BESIDE_LARGE_BYTES : BUFFER_BYTES;
    }

    /** Reads and drops everything from now on. */
    void discard() {
        phase = Phase.DISCARD;
        head = tail = 0;
    }

    /** Takes in what the socket has, up to a share. Returns whether there may be more now. */
    boolean receive(StreamSocket socket) {
        head = 0;
        tail = restBytes;
        Mem.copy(rest, buffer, restBytes);
        boolean more = receiveShare(socket);
        if (!connection.isClosed()) {
            restBytes = tail - head;
            assert restBytes <= REST_BYTES : "more than a header was left";
            Mem.copy(buffer + head, rest, restBytes);
        }
        return more;
    }

    private boolean receiveShare(StreamSocket socket) {
        int share = SHARE_BYTES;
        while (share > 0) {
            int count = wantsDirect() ? readDirect(socket) : readBuffered(socket);
            if (count == StreamSocket.AGAIN) {
                return false;
            }
            if (count <= 0) {
                connection.streamEnded(count);
                return false;
            }
            share -= count;
            while (step()) {
                // One step takes one part of a PDU.
            }
            if (connection.isClosed()) {
                return false;
            }
        }
        return true;
    }

    private boolean wantsDirect() {
        return phase == Phase.DATA && target != 0 && head == tail && dataLeft >= DIRECT_BYTES;
    }

    private int readDirect(StreamSocket socket) {
        int count = socket.read(target + dataLength - dataLeft, dataLeft);
        if (count > 0) {
            dataLeft -= count;
        }
        return count;
    }

    private int readBuffered(StreamSocket socket) {
        if (head > 0) {
            tail -= head;
            Mem.copy(buffer + head, buffer, tail);
            head = 0;
        }
        int count = socket.read(buffer + tail, window - tail);
        if (count > 0) {
            tail += count;
        }
        return count;
    }

    private boolean step() {
        return switch (phase) {
            case HEADER -> header();
            case PADDING -> padding();
            case DATA -> data();
            case DIGEST -> digest();
            case DISCARD -> {
                head = tail = 0;
                yield false;
            }
        };
    }

    private boolean header() {
        int available = tail - head;
        if (available < Pdu.BYTES) {
            return false;
        }
        long pdu = buffer + head;
        if (!commonChecked) {
            long fault = connection.checkCommon(pdu, digests, dataMax);
            if (fault != PduSyntax.NONE) {
                connection.fail(fault, pdu, Math.min(available, IcReq.BYTES));
                return false;
            }
            commonChecked = true;
        }
        int hlen = Pdu.HLEN.get(pdu);
        boolean digested = (digests & IcReq.HDGST_ENABLE) != 0 && Pdu.TYPE.get(pdu) != Pdu.H2C_TERM_REQ;
        int taken = hlen + (digested ? Pdu.DIGEST_BYTES : 0);
        if (available < taken) {
            return false;
        }
        if (digested && crc.of(pdu, hlen) != Mem.getInt(pdu + hlen)) {
            connection.fail(PduSyntax.fault(TermReq.HEADER_DIGEST_ERROR, Mem.getU32(pdu + hlen)), pdu, hlen);
            return false;
        }
        head += taken;
        commonChecked = false;
        take(pdu, taken);
        return true;
    }

    private void take(long pdu, int taken) {
        boolean carriesData = Pdu.TYPE.get(pdu) == Pdu.CAPSULE_CMD || Pdu.TYPE.get(pdu) == Pdu.H2C_DATA;
        dataLength = carriesData ? PduSyntax.dataLength(pdu, digests) : 0;
        dataLeft = dataLength;
        chooseWindow();
        paddingLeft = dataLength > 0 ? Pdu.PDO.get(pdu) - taken : 0;
        target = 0;
        connection.pdu(pdu, dataLength);
        if (phase == Phase.HEADER && dataLength > 0) {
            phase = Phase.PADDING;
        }
    }

    private boolean padding() {
        int count = Math.min(paddingLeft, tail - head);
        head += count;
        paddingLeft -= count;
        if (paddingLeft == 0) {
            phase = Phase.DATA;
        }
        return paddingLeft == 0;
    }

    private boolean data() {
        int count = Math.min(dataLeft, tail - head);
        if (target != 0 && count > 0) {
            Mem.copy(buffer + head, target + dataLength - dataLeft, count);
        }
        head += count;
        dataLeft -= count;
        if (dataLeft > 0) {
            return false;
        }
        if ((digests & IcReq.DDGST_ENABLE) != 0) {
            phase = Phase.DIGEST;
        } else {
            phase = Phase.HEADER;
            connection.dataEnded(true);
        }
        return true;
    }

    private boolean digest() {
        if (tail - head < Pdu.DIGEST_BYTES) {
            return false;
        }
        boolean right = target == 0 || crc.of(target, dataLength) == Mem.getInt(buffer + head);
        head += Pdu.DIGEST_BYTES;
        phase = Phase.HEADER;
        connection.dataEnded(right);
        return true;
    }
}
