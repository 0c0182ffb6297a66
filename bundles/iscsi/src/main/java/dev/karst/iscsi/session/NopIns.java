package dev.karst.iscsi.session;

import dev.karst.base.ReactorConfined;
import dev.karst.iscsi.model.IscsiOptions;
import dev.karst.spec.iscsi.NopOut;

/** Whether the initiator of a connection is still there: a silent one is asked, and has so much time to answer. RFC 7143, 11.19. */
@ReactorConfined
final class NopIns {
    private static final long NANOS = 1_000_000_000L;
    private static final int NONE = -1;

    private final Connection connection;
    private int lastTag;
    /** The tag that is to be answered, or none. */
    private int askedTag = NONE;
    private long askedNanos;
    private long heardNanos;

    NopIns(Connection connection) {
        this.connection = connection;
        heard();
    }

    /** A PDU has come, be it what it may. */
    void heard() {
        heardNanos = connection.group().reactor().nowNanos();
    }

    /** An answer has come; one to a question that was not asked says nothing. */
    void answered(long pdu) {
        if ((int) NopOut.TTT.get(pdu) == askedTag) {
            askedTag = NONE;
        }
    }

    /** Asks if it is time to; gives what the initiator has failed to do, or null. */
    String check(long nowNanos) {
        IscsiOptions options = connection.group().host().catalogue().options();
        if (askedTag != NONE) {
            return nowNanos - askedNanos > options.nopTimeoutS() * NANOS ? "it does not answer" : null;
        }
        if (options.nopInIntervalS() > 0 && nowNanos - heardNanos >= options.nopInIntervalS() * NANOS) {
            lastTag = lastTag + 1 & Integer.MAX_VALUE;
            askedTag = lastTag;
            askedNanos = nowNanos;
            connection.answers().ping(askedTag);
        }
        return null;
    }
}
