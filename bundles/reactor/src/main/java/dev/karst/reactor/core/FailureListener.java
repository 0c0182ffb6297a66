package dev.karst.reactor.core;

/** Who hears of what messages, pollers and callbacks threw. Called on the reactor, which lives on. */
public interface FailureListener {
    /** Something threw on the reactor of that number. Must not throw. */
    void failed(int reactor, Throwable failure);
}
