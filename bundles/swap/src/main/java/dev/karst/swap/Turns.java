package dev.karst.swap;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Whose turn it is to install and uninstall bundles: a planned swap's, or a deployment's of features. They wait for each other, and
 * neither for ever. Control threads.
 */
final class Turns {
    private final long silenceMs;
    private final long swapMs;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Holder holder = Holder.NOBODY;
    private boolean deploymentWaits;
    private long steps;

    private enum Holder { NOBODY, SWAP, DEPLOYMENT }

    /**
     * Nobody's turn yet.
     *
     * @param silenceMs a deployment that fails does not say that it is over: one that was silent for so long is
     * @param swapMs a swap that takes longer hangs
     */
    Turns(long silenceMs, long swapMs) {
        this.silenceMs = silenceMs;
        this.swapMs = swapMs;
    }

    /** A swap begins, after the deployment that runs; false when another swap runs. */
    boolean swapBegins() throws InterruptedException {
        lock.lock();
        try {
            long seen = steps;
            long left = TimeUnit.MILLISECONDS.toNanos(silenceMs);
            while (holder == Holder.DEPLOYMENT && left > 0) {
                left = changed.awaitNanos(left);
                if (seen != steps) {
                    seen = steps;
                    left = TimeUnit.MILLISECONDS.toNanos(silenceMs);
                }
            }
            boolean mine = holder != Holder.SWAP;
            holder = Holder.SWAP;
            return mine;
        } finally {
            lock.unlock();
        }
    }

    /** The swap that began is over. A deployment that waits is next. */
    void swapEnds() {
        lock.lock();
        try {
            if (holder == Holder.SWAP) {
                holder = deploymentWaits ? Holder.DEPLOYMENT : Holder.NOBODY;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** A deployment begins, after the swap that runs. */
    void deploymentBegins() throws InterruptedException {
        lock.lock();
        try {
            deploymentWaits = true;
            long left = TimeUnit.MILLISECONDS.toNanos(swapMs);
            while (holder == Holder.SWAP && left > 0) {
                left = changed.awaitNanos(left);
            }
            holder = Holder.DEPLOYMENT;
        } finally {
            deploymentWaits = false;
            lock.unlock();
        }
    }

    /** A deployment goes on, whether or not its begin was told. */
    void deploymentStep() {
        lock.lock();
        try {
            steps++;
            if (holder == Holder.NOBODY) {
                holder = Holder.DEPLOYMENT;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** No deployment runs. */
    void deploymentEnds() {
        lock.lock();
        try {
            if (holder == Holder.DEPLOYMENT) {
                holder = Holder.NOBODY;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }
}
