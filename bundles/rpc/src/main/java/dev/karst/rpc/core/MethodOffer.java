package dev.karst.rpc.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcCaller;
import dev.karst.rpc.RpcMethod;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The methods of one service, and how many calls are in them: a layer that goes is not pulled from under a call. */
final class MethodOffer {
    private static final ScopedValue<MethodOffer> RUNNING = ScopedValue.newInstance();

    private final Object service;
    private final List<RpcMethod> methods;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private int running;
    private volatile boolean withdrawn;

    MethodOffer(Object service, List<RpcMethod> methods) {
        this.service = service;
        this.methods = List.copyOf(methods);
    }

    boolean isOf(Object other) {
        return service == other;
    }

    /** Whether it is of another version of that service: its class has the same name, from another bundle. */
    boolean isOfVersionOf(Object other) {
        return service.getClass() != other.getClass() && service.getClass().getName().equals(other.getClass().getName());
    }

    List<RpcMethod> methods() {
        return methods;
    }

    /** A call of one of the methods, with checked parameters, for somebody. */
    RpcCall prepare(Map<String, Object> parameters, RpcCaller caller) {
        return new RpcCall(parameters, caller::progress, () -> withdrawn || caller.isGone());
    }

    /** Calls a method. */
    Object call(RpcMethod method, RpcCall call) throws StorageException {
        enter(method);
        try {
            return ScopedValue.where(RUNNING, this).call(() -> method.handler().call(call));
        } finally {
            leave();
        }
    }

    /** Takes no more calls, asks those that run to end, and waits for them within the bound. */
    void withdraw(long waitMs) {
        lock.lock();
        try {
            withdrawn = true;
            int own = RUNNING.isBound() && RUNNING.get() == this ? 1 : 0;
            long left = TimeUnit.MILLISECONDS.toNanos(waitMs);
            while (running > own && left > 0) {
                left = idle.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private void enter(RpcMethod method) throws StorageException {
        lock.lock();
        try {
            if (withdrawn) {
                throw StorageException.errno(
                    Errno.EAGAIN, method.name() + ": its bundle is stopping; try again when it is back");
            }
            running++;
        } finally {
            lock.unlock();
        }
    }

    private void leave() {
        lock.lock();
        try {
            running--;
            idle.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
