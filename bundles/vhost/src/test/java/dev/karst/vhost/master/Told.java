package dev.karst.vhost.master;

import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.EventSet;
import dev.karst.env.Readiness;
import dev.karst.env.unix.Signal;
import java.util.concurrent.TimeUnit;

/** A signal that the target raises. */
public final class Told implements AutoCloseable {
    private final Signal signal;
    private final EventSet events;
    private int times;

    Told(Environment environment) throws StorageException {
        signal = environment.unixSockets().signal();
        events = environment.openEventSet();
        signal.watch(events, new Readiness() {
            @Override
            public void readable() {
                times++;
            }
        });
    }

    public int number() {
        return signal.descriptor();
    }

    /** Whether it was raised since this was asked last, or is within this time. */
    public boolean within(long waitMs) {
        if (waitMs == 0) {
            events.poll(0);
        }
        for (int i = 0; i < waitMs && times == 0; i += 10) {
            events.poll(TimeUnit.MILLISECONDS.toNanos(10));
        }
        boolean was = times > 0;
        times = 0;
        return was;
    }

    @Override
    public void close() {
        signal.unwatch();
        signal.close();
        events.close();
    }
}
