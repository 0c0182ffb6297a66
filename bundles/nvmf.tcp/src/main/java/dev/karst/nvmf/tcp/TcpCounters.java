package dev.karst.nvmf.tcp;

import dev.karst.base.ReactorConfined;

/** What one group has seen. Written by its reactor; others may read a slightly old figure. */
@ReactorConfined
final class TcpCounters {
    /** One for each fatal error status of a C2HTermReq, by its code. */
    final long[] fatalErrors = new long[8];
    long accepted;
    long refused;
    long timedOut;
    long waitedForBuffer;
    long digestErrors;
    /** Connections ended because something threw: a bug. */
    long failures;
}
