package dev.karst.iscsi.session;

import dev.karst.base.Crc32c;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.spec.iscsi.Bhs;
import dev.karst.stream.StreamReader;

/**
 * Makes PDUs of a stream of bytes. Nothing is believed before it has been checked, and no length that a peer sends makes memory. RFC
 * 7143, 11.1 and 11.2.
 */
@ReactorConfined
final class Receiver extends StreamReader {
    /** What a connection keeps: more than the largest header, or than padding, with its digest. */
    static final int REST_BYTES = 1088;

    /** What the next bytes are. */
    private enum Phase {
        HEADER,
        DATA,
        /** Padding and digest of the data. */
        TAIL,
        /** Nothing of the stream is understood any more; it is read so that the peer can end. */
        DISCARD
    }

    private final Connection connection;
    private final Crc32c crc;
    private Phase phase = Phase.HEADER;
    private boolean headerChecked;
    private boolean headerDigest;
    private boolean dataDigest;

    /** The rest of the PDU whose header has been taken. */
    private int dataLength;
    private int dataLeft;
    /** Where the data goes, or 0 to drop it. */
    private long target;

    Receiver(Connection connection, long buffer, long rest, Crc32c crc) {
        super(buffer, rest, REST_BYTES);
        this.connection = connection;
        this.crc = crc;
    }

    /** From the next PDU on these digests are in use. */
    void digests(boolean ofHeader, boolean ofData) {
        headerDigest = ofHeader;
        dataDigest = ofData;
    }

    /** For the handler of a header: the data of this PDU goes there; 0 drops it. */
    void target(long address) {
        target = address;
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
            case DATA -> data();
            case TAIL -> tail();
            case DISCARD -> {
                takeAll();
                yield false;
            }
        };
    }

    private boolean header() {
        if (available() < Bhs.BYTES) {
            return false;
        }
        long pdu = head();
        if (!headerChecked && !connection.checkLengths(pdu)) {
            return false;
        }
        headerChecked = true;
        int length = Bhs.BYTES + Bhs.ahsBytes(pdu);
        int whole = length + (headerDigest ? Bhs.DIGEST_BYTES : 0);
        if (available() < whole) {
            return false;
        }
        headerChecked = false;
        if (headerDigest && crc.of(pdu, length) != Mem.getInt(pdu + length)) {
            connection.headerCorrupt();
            return false;
        }
        take(whole);
        dataLength = Bhs.dataLength(pdu);
        dataLeft = dataLength;
        target = 0;
        announce(dataLength);
        connection.pdu(pdu, dataLength);
        if (phase == Phase.HEADER && dataLength > 0) {
            phase = Phase.DATA;
        }
        return true;
    }

    private boolean data() {
        dataLeft -= copyTo(place(), dataLeft);
        if (dataLeft > 0) {
            return false;
        }
        phase = Phase.TAIL;
        return true;
    }

    private boolean tail() {
        int padding = Bhs.padding(dataLength);
        int whole = padding + (dataDigest ? Bhs.DIGEST_BYTES : 0);
        if (available() < whole) {
            return false;
        }
        boolean right = !dataDigest || target == 0 || digest(padding) == Mem.getInt(head() + padding);
        take(whole);
        phase = Phase.HEADER;
        connection.dataEnded(right);
        return true;
    }

    private int digest(int padding) {
        crc.reset();
        crc.update(target, dataLength);
        crc.update(head(), padding);
        return crc.value();
    }
}
