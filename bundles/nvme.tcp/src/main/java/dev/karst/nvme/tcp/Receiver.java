package dev.karst.nvme.tcp;

import dev.karst.base.Crc32c;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.env.StreamSocket;
import dev.karst.nvme.NvmeRequest;
import dev.karst.spec.nvmetcp.IcReq;
import dev.karst.spec.nvmetcp.Pdu;
import dev.karst.spec.nvmetcp.PduSyntax;
import dev.karst.spec.nvmetcp.TermReq;

/**
 * Makes PDUs of the bytes that a controller sends. Small ones are read many at a time to a buffer; what is missing of large data
 * is read to where it belongs. Nothing is believed before it has been checked, and no length that a controller sends makes memory.
 */
@ReactorConfined
final class Receiver {
    static final int BUFFER_BYTES = 128 * 1024;
    /** From this length on data is large: then little is read beside it, so that most of it is read to its place. */
    private static final int LARGE_BYTES = 16 * 1024;
    private static final int BESIDE_LARGE_BYTES = 8 * 1024;
    /** A piece of memory from this length on is read to directly. */
    private static final int DIRECT_BYTES = 4096;
    /** What one connection may take in before others of its reactor have their turn. */
    private static final int SHARE_BYTES = 1024 * 1024;

    /** What the next bytes are. */
    private enum Phase {
        HEADER,
        PADDING,
        DATA,
        DIGEST
    }

    private final TcpQueue queue;
    private final long buffer;
    private final Crc32c crc;
    private int head;
    private int tail;
    private int window;
    private int digests;
    private Phase phase;
    private boolean commonChecked;

    /** The rest of the PDU whose header has been taken. */
    private int paddingLeft;
    private int dataLength;
    private int dataLeft;
    /** Whose data it is, and where in it the PDU's begins. */
    private NvmeRequest target;
    private long targetOffset;
    /** The piece that data is read to directly. */
    private long directAddress;
    private int directLength;

    Receiver(TcpQueue queue, long buffer, Crc32c crc) {
        this.queue = queue;
        this.buffer = buffer;
        this.crc = crc;
        reset();
    }

    /** Begins with another connection. */
    void reset() {
        head = tail = 0;
        window = BUFFER_BYTES;
        digests = 0;
        phase = Phase.HEADER;
        commonChecked = false;
        target = null;
    }

    /** From the next PDU on these digests are in use. */
    void negotiated(int digests) {
        this.digests = digests;
    }

    /** For the handler of a header: the data of this PDU belongs there. */
    void target(NvmeRequest request, long offset) {
        target = request;
        targetOffset = offset;
    }

    /**
     * Takes in what the socket has, up to a share, until so many commands have ended.
     *
     * @return whether there may be more now
     */
    boolean receive(StreamSocket socket, int most) {
        long before = queue.endedCount();
        int share = SHARE_BYTES;
        while (true) {
            while (queue.isOpen() && queue.endedCount() - before < most && step()) {
                // One step takes one part of a PDU.
            }
            if (!queue.isOpen()) {
                return false;
            }
            if (share <= 0 || queue.endedCount() - before >= most) {
                return true;
            }
            int count = wantsDirect() ? readDirect(socket) : readBuffered(socket);
            if (count == StreamSocket.AGAIN) {
                return false;
            }
            if (count <= 0) {
                queue.streamEnded(count);
                return false;
            }
            share -= count;
        }
    }

    /** Whether what is missing goes on in a large enough piece of the request's memory; says which. */
    private boolean wantsDirect() {
        if (phase != Phase.DATA || dataLeft < DIRECT_BYTES) {
            return false;
        }
        long skip = targetOffset + dataLength - dataLeft;
        int i = 0;
        while (skip >= target.data.length(i)) {
            skip -= target.data.length(i++);
        }
        directAddress = target.data.address(i) + skip;
        directLength = (int) Math.min(dataLeft, target.data.length(i) - skip);
        return directLength >= DIRECT_BYTES;
    }

    private int readDirect(StreamSocket socket) {
        int count = socket.read(directAddress, directLength);
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
        };
    }

    private boolean header() {
        int available = tail - head;
        if (available < Pdu.BYTES) {
            return false;
        }
        long pdu = buffer + head;
        if (!commonChecked) {
            long fault = queue.checkCommon(pdu, digests);
            if (fault != PduSyntax.NONE) {
                queue.fail(fault, pdu, Pdu.BYTES);
                return false;
            }
            commonChecked = true;
        }
        boolean termination = Pdu.TYPE.get(pdu) == Pdu.C2H_TERM_REQ;
        boolean digested = (digests & IcReq.HDGST_ENABLE) != 0 && !termination;
        int hlen = Pdu.HLEN.get(pdu);
        int taken = hlen + (digested ? Pdu.DIGEST_BYTES : 0);
        if (available < taken) {
            return false;
        }
        if (digested && crc.of(pdu, hlen) != Mem.getInt(pdu + hlen)) {
            queue.fail(PduSyntax.fault(TermReq.HEADER_DIGEST_ERROR, Mem.getU32(pdu + hlen)), pdu, hlen);
            return false;
        }
        head += taken;
        commonChecked = false;
        take(pdu, taken);
        return true;
    }

    private void take(long pdu, int taken) {
        dataLength = Pdu.TYPE.get(pdu) == Pdu.C2H_DATA ? PduSyntax.dataLength(pdu, digests) : 0;
        if (dataLength > 0) {
            dataLeft = dataLength;
            paddingLeft = Pdu.PDO.get(pdu) - taken;
            window = dataLength >= LARGE_BYTES ? BESIDE_LARGE_BYTES : BUFFER_BYTES;
            phase = Phase.PADDING;
        }
        queue.pdu(pdu, dataLength);
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
        if (count > 0) {
            target.data.copyFrom(targetOffset + dataLength - dataLeft, buffer + head, count);
            head += count;
            dataLeft -= count;
        }
        if (dataLeft > 0) {
            return false;
        }
        if ((digests & IcReq.DDGST_ENABLE) != 0) {
            phase = Phase.DIGEST;
        } else {
            dataEnded(true);
        }
        return true;
    }

    private boolean digest() {
        if (tail - head < Pdu.DIGEST_BYTES) {
            return false;
        }
        crc.reset();
        crc.update(target.data, targetOffset, dataLength);
        boolean right = crc.value() == Mem.getInt(buffer + head);
        head += Pdu.DIGEST_BYTES;
        dataEnded(right);
        return true;
    }

    private void dataEnded(boolean right) {
        phase = Phase.HEADER;
        target = null;
        queue.dataEnded(right);
    }
}
