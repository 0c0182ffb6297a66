package dev.karst.reactor.core;

import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.Set;

/** Logs each kind of failure once: the same exception from the same place is only counted. */
final class FailureLog implements FailureListener {
    private static final System.Logger LOG = System.getLogger(FailureLog.class.getName());
    /** Kinds that are remembered; what is new after so many is not logged. */
    private static final int KINDS = 100;

    private final Set<String> seen = new HashSet<>();

    @Override
    public synchronized void failed(int reactor, Throwable failure) {
        if (seen.size() < KINDS && seen.add(kind(failure))) {
            LOG.log(Level.ERROR, "reactor " + reactor + " goes on after a failure; it is logged this once", failure);
        }
    }

    private static String kind(Throwable failure) {
        StackTraceElement[] stack = failure.getStackTrace();
        return failure.getClass().getName() + (stack.length == 0 ? "" : " at " + stack[0]);
    }
}
