package dev.karst.rpc.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.ChangeJournal;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes changes of the saved state one after the other, so that the journal has them in the order in which they were made, and
 * has each durable before it is answered. The waits for that overlap.
 */
final class SavedChanges {
    /** A start may take this long to play what was saved, and the bundle that keeps it to be replaced. */
    private static final long ABSENT_S = 30;

    private final ReentrantLock order = new ReentrantLock();
    private final Condition begun = order.newCondition();
    private final long absentNanos;
    private ChangeJournal journal;

    /** What makes a change. */
    @FunctionalInterface
    interface Change {
        Object make() throws StorageException;
    }

    SavedChanges() {
        this(TimeUnit.SECONDS.toNanos(ABSENT_S));
    }

    SavedChanges(long absentNanos) {
        this.absentNanos = absentNanos;
    }

    void begin(ChangeJournal next) {
        order.lock();
        try {
            journal = next;
            begun.signalAll();
        } finally {
            order.unlock();
        }
    }

    /** No change is between its making and its record when this returns. */
    void end(ChangeJournal last) {
        order.lock();
        try {
            journal = journal == last ? null : journal;
        } finally {
            order.unlock();
        }
    }

    /** Runs something while no change is between its making and its record; false when that did not come in time. */
    boolean between(Runnable task, long waitMs) {
        try {
            if (!order.tryLock(waitMs, TimeUnit.MILLISECONDS)) {
                return false;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        try {
            task.run();
            return true;
        } finally {
            order.unlock();
        }
    }

    /** Makes a change; one that runs long is made beside the others and takes its place among them when it is done. */
    Object make(RpcMethod method, RpcCall call, Change change) throws StorageException {
        ChangeJournal kept;
        long number;
        Object result;
        order.lock();
        try {
            awaitJournal(method).reserve();
            result = method.runsLong() ? makeBeside(change) : change.make();
            kept = awaitJournal(method);
            number = kept.append(method.name(), known(method, call.repeatable()));
        } finally {
            order.unlock();
        }
        kept.await(number);
        return result;
    }

    /** Makes a change that is not kept, in turn with the others. */
    Object makeUnkept(Change change) throws StorageException {
        order.lock();
        try {
            return change.make();
        } finally {
            order.unlock();
        }
    }

    /** Without what a relaxed method passed over, which nothing has looked at. */
    private static Map<String, Object> known(RpcMethod method, Map<String, Object> parameters) {
        if (method.relaxed()) {
            parameters.keySet().retainAll(method.parameters().stream().map(RpcParameter::name).toList());
        }
        return parameters;
    }

    private Object makeBeside(Change change) throws StorageException {
        order.unlock();
        try {
            return change.make();
        } finally {
            order.lock();
        }
    }

    private ChangeJournal awaitJournal(RpcMethod method) throws StorageException {
        long left = absentNanos;
        while (journal == null && left > 0) {
            left = await(left);
        }
        if (journal == null) {
            throw StorageException.errno(Errno.EAGAIN, method.name()
                + ": changes cannot be kept now: the start is not over, or the bundle config does not run; try again");
        }
        return journal;
    }

    private long await(long nanos) throws StorageException {
        try {
            return begun.awaitNanos(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw StorageException.errno(Errno.EINTR, "the wait for the start was interrupted");
        }
    }
}
