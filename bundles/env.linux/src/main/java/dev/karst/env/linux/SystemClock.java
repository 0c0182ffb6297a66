package dev.karst.env.linux;

import dev.karst.base.Clock;

/** The machine's clock. */
final class SystemClock extends Clock {
    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public long wallMs() {
        return System.currentTimeMillis();
    }
}
