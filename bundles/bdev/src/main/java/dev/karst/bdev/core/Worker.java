package dev.karst.bdev.core;

import dev.karst.base.ReactorConfined;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.core.lock.RangeLock;
import dev.karst.reactor.Message;

/**
 * Does one I/O of a lane by several others, again and again: one of the lane's {@link Workers}. As a message it goes on with
 * the next of them.
 */
@ReactorConfined
abstract class Worker extends Message {
    /** What it does; null while it does nothing. */
    abstract BdevIo whole();

    abstract void begin(BdevIo io);

    /** Ends it soon. */
    abstract void abort();

    /** Whether it is under way where the lock is, and does not hold a lock itself. */
    abstract boolean isBusy(RangeLock lock);

    /** The device goes: ends it if it has not begun. */
    void failWaiting() {}
}
