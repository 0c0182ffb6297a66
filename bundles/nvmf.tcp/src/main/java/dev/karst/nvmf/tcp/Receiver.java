package dev.karst.nvmf.tcp;

import dev.karst.base.Crc32c;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.StateReader;
import dev.karst.base.StateWriter;
import dev.karst.base.StorageException;
import dev.karst.spec.nvmetcp.IcReq;
import dev.karst.spec.nvmetcp.Pdu;
import dev.karst.spec.nvmetcp.PduSyntax;
import dev.karst.spec.nvmetcp.TermReq;
import dev.karst.stream.StreamReader;

/**
 * Makes PDUs of a stream of bytes. Nothing is believed before it has been checked, and no length that a peer sends makes memory.
 */
@ReactorConfined
final class Receiver extends StreamReader {
    /** What a connection keeps: more than the largest header with its digest. */
    static final int REST_BYTES = 256;
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
        super(buffer, rest, REST_BYTES);
        this.connection = connection;
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
        saveRest(state);
        state.number(phase.ordinal()).flag(commonChecked)
            .number(paddingLeft).number(dataLength).number(dataLeft);
    }

    /** Goes on from what was saved; {@link #target} follows. */
    void restore(StateReader state) throws StorageException {
        restoreRest(state);
        phase = Phase.values()[state.number(0, Phase.DIGEST.ordinal())];
        commonChecked = state.flag();
        paddingLeft = state.number(0, PADDING_MAX);
        dataLength = state.number(0, dataMax);
        dataLeft = state.number(0, dataLength);
        announce(dataLength);
    }

    /** Bytes of data that the present PDU says it carries. */
    int announced() {
        return dataLength;
    }

    /** How many of them have not come. */
    int missing() {
        return dataLeft;
    }

    /** Reads and drops everything from now on. */
    void discard() {
        phase = Phase.DISCARD;
        takeAll();
    }

    @Override
    protected boolean isClosed() {
        return connection.isClosed();
    }

    @Override
    protected void ended(int count) {
        connection.streamEnded(count);
    }

    @Override
    protected long place() {
        return phase == Phase.DATA && target != 0 ? target + dataLength - dataLeft : 0;
    }

    @Override
    protected int placeBytes() {
        return dataLeft;
    }

    @Override
    protected void placed(int count) {
        dataLeft -= count;
    }

    @Override
    protected boolean step() {
        return switch (phase) {
            case HEADER -> header();
            case PADDING -> padding();
            case DATA -> data();
            case DIGEST -> digest();
            case DISCARD -> {
                takeAll();
                yield false;
            }
        };
    }

    private boolean header() {
        int available = available();
        if (available < Pdu.BYTES) {
            return false;
        }
        long pdu = head();
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
        int whole = hlen + (digested ? Pdu.DIGEST_BYTES : 0);
        if (available < whole) {
            return false;
        }
        if (digested && crc.of(pdu, hlen) != Mem.getInt(pdu + hlen)) {
            connection.fail(PduSyntax.fault(TermReq.HEADER_DIGEST_ERROR, Mem.getU32(pdu + hlen)), pdu, hlen);
            return false;
        }
        take(whole);
        commonChecked = false;
        begin(pdu, whole);
        return true;
    }

    private void begin(long pdu, int taken) {
        boolean carriesData = Pdu.TYPE.get(pdu) == Pdu.CAPSULE_CMD || Pdu.TYPE.get(pdu) == Pdu.H2C_DATA;
        dataLength = carriesData ? PduSyntax.dataLength(pdu, digests) : 0;
        dataLeft = dataLength;
        announce(dataLength);
        paddingLeft = dataLength > 0 ? Pdu.PDO.get(pdu) - taken : 0;
        target = 0;
        connection.pdu(pdu, dataLength);
        if (phase == Phase.HEADER && dataLength > 0) {
            phase = Phase.PADDING;
        }
    }

    private boolean padding() {
        paddingLeft -= copyTo(0, paddingLeft);
        if (paddingLeft == 0) {
            phase = Phase.DATA;
        }
        return paddingLeft == 0;
    }

    private boolean data() {
        dataLeft -= copyTo(place(), dataLeft);
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
        if (available() < Pdu.DIGEST_BYTES) {
            return false;
        }
        boolean right = target == 0 || crc.of(target, dataLength) == Mem.getInt(head());
        take(Pdu.DIGEST_BYTES);
        phase = Phase.HEADER;
        connection.dataEnded(right);
        return true;
    }
}
