package dev.karst.reactor;

/** What a reactor does when it has nothing to do. */
public enum IdlePolicy {
    /** Asks again at once, for ever: the lowest latency, and a whole processor used. */
    POLL,
    /** Asks for a bounded time, then sleeps until something happens: the default. */
    ADAPTIVE,
    /** Sleeps at once: the least processor time. */
    INTERRUPT
}
