package dev.karst.vhost.session;

import dev.karst.env.unix.Signal;

/** How driver and device tell each other of a queue; reactor-confined while it runs. */
final class QueueSignals {
    private final Signal kick;
    private Signal call;
    private Signal err;

    /** Each may be null: there is none. */
    QueueSignals(Signal kick, Signal call, Signal err) {
        this.kick = kick;
        this.call = call;
        this.err = err;
    }

    /** The driver has made chains available. */
    Signal kick() {
        return kick;
    }

    /** The device has put chains back. */
    Signal call() {
        return call;
    }

    /** The queue broke. */
    Signal err() {
        return err;
    }

    /** Others to tell the driver by. */
    void set(Signal newCall, Signal newErr) {
        call = newCall;
        err = newErr;
    }
}
