package dev.karst.iscsi.session;

import dev.karst.base.ReactorConfined;
import java.util.Map;

/** What one group has seen. Written by its reactor; others may read a slightly old figure. */
@ReactorConfined
public final class Counters {
    long accepted;
    long refused;
    long loginFailures;
    long timedOut;
    /** Requests that were rejected, and connections that ended for a breach of the protocol. */
    long rejects;
    long protocolErrors;
    long digestErrors;
    /** Commands that waited because all buffers were out, or as many as the connection may hold. */
    long waitedForBuffer;
    long acceptPauses;
    /** Requests whose number was not expected. */
    long ignored;
    /** Connections ended because something threw: a bug. */
    long failures;

    /** Adds all of them to what is there under their names. */
    public void addTo(Map<String, Long> sums) {
        sums.merge("accepted", accepted, Long::sum);
        sums.merge("refused", refused, Long::sum);
        sums.merge("login_failures", loginFailures, Long::sum);
        sums.merge("timed_out", timedOut, Long::sum);
        sums.merge("rejects", rejects, Long::sum);
        sums.merge("protocol_errors", protocolErrors, Long::sum);
        sums.merge("digest_errors", digestErrors, Long::sum);
        sums.merge("pending_data_buffer", waitedForBuffer, Long::sum);
        sums.merge("accept_pauses", acceptPauses, Long::sum);
        sums.merge("ignored", ignored, Long::sum);
        sums.merge("failures", failures, Long::sum);
    }
}
