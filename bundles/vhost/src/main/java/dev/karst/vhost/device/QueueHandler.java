package dev.karst.vhost.device;

import dev.karst.base.ReactorConfined;
import dev.karst.vhost.ring.Chain;

/** What is done with the requests of one queue. Reactor-confined. */
@ReactorConfined
public abstract class QueueHandler {
    /** Takes a request; {@link DeviceQueue#complete} gives it back, also within this call. */
    public abstract void handle(Chain chain);

    /** Whether it takes a request now; one that does not says so once it does: {@link DeviceQueue#resume}. */
    public boolean takes() {
        return true;
    }

    /** Nothing more comes, and nothing is in flight: gives everything back. */
    public abstract void close();
}
