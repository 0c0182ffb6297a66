package dev.karst.nvmf.tcp;

import dev.karst.base.ReactorConfined;
import java.util.Arrays;
import java.util.Map;

/** What one group has seen. Written by its reactor; others may read a slightly old figure. */
@ReactorConfined
final class TcpCounters {
    /** One for each fatal error status of a C2HTermReq, by its code. */
    final long[] fatalErrors = new long[8];
    long accepted;
    long refused;
    long timedOut;
    /** Commands that waited because all buffers were out. */
    long waitedForBuffer;
    /** Commands that waited because their connection held as many buffers as were left for the others. */
    long waitedForShare;
    /** Times that a listener took no more connections for a moment. */
    long acceptPauses;
    long digestErrors;
    /** Connections ended because something threw: a bug. */
    long failures;

    /** By the names of {@code nvmf_get_stats}. */
    void tell(Map<String, Long> statistics) {
        statistics.put("accepted", accepted);
        statistics.put("refused", refused);
        statistics.put("accept_pauses", acceptPauses);
        statistics.put("timed_out", timedOut);
        statistics.put("pending_data_buffer", waitedForBuffer);
        statistics.put("waited_for_share", waitedForShare);
        statistics.put("digest_errors", digestErrors);
        statistics.put("fatal_errors", Arrays.stream(fatalErrors).sum());
        statistics.put("failures", failures);
    }
}
