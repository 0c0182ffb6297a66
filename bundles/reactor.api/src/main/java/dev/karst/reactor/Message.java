package dev.karst.reactor;

import dev.karst.base.MpscQueue;

/**
 * Something to run on a reactor, preallocated and reused. It may be sent again once {@link #run} has been entered, and not
 * before: it is a link in the queue that it waits in.
 */
public abstract class Message extends MpscQueue.Node {
    /** Runs on the reactor that it was sent to. What it throws fails the reactor's round, is logged and counted. */
    public abstract void run();
}
