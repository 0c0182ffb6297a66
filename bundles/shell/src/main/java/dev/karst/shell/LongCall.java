package dev.karst.shell;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.RpcCaller;
import dev.karst.shell.text.Screen;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A call that may take long. At a terminal it shows how far it has come and how long it may still take; {@code ^C} asks it
 * to end, and a second one leaves it alone.
 */
final class LongCall implements RpcCaller {
    private static final long STEP_MS = 500;
    private static final int WHOLE = 100;
    private static final long STEPS_PER_SECOND = 1000 / STEP_MS;

    private final Screen screen;
    private volatile int percent;
    private volatile boolean gone;

    LongCall(Screen screen) {
        this.screen = screen;
    }

    /** A call that somebody waits for. */
    @FunctionalInterface
    interface Call {
        Object by(RpcCaller caller) throws StorageException;
    }

    @Override
    public void progress(int percent) {
        this.percent = percent;
    }

    @Override
    public boolean isGone() {
        return gone;
    }

    /** Makes the call and waits for it. */
    Object run(Call call) throws StorageException {
        FutureTask<Object> task = new FutureTask<>(() -> call.by(this));
        Thread.ofVirtual().name("karst-shell-call").start(task);
        try {
            for (long steps = 1; !isDone(task); steps++) {
                screen.status(progressed(steps));
            }
            return task.get();
        } catch (InterruptedException e) {
            throw StorageException.errno(Errno.EINTR, "it was asked to end and goes on until it does");
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        } finally {
            screen.status("");
        }
    }

    /** Waits a step; the first interrupt asks the call to end, the second ends the wait. */
    private boolean isDone(FutureTask<Object> task) throws InterruptedException {
        try {
            task.get(STEP_MS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            return true;
        } catch (InterruptedException e) {
            if (gone) {
                throw e;
            }
            gone = true;
            return false;
        }
    }

    private static StorageException failure(Throwable cause) {
        return switch (cause) {
            case StorageException told -> told;
            case RuntimeException bug -> throw bug;
            case Error error -> throw error;
            default -> throw new IllegalStateException(cause);
        };
    }

    private String progressed(long steps) {
        long seconds = steps / STEPS_PER_SECOND;
        if (gone) {
            return "ending ...";
        } else if (percent <= 0) {
            return seconds + " s ...";
        }
        return percent + " %, " + seconds * (WHOLE - percent) / percent + " s left";
    }
}
