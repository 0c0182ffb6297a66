package dev.karst.reactor;

import dev.karst.base.StorageException;
import dev.karst.env.EventSet;
import dev.karst.env.FileRing;

/** One thread, bound to one processor, and all that belongs to it. */
public abstract class Reactor {
    /** The longest sleep while a poller does not announce its work. */
    public static final long NAP_NANOS = 50_000;

    /** Its number, from 0. */
    public abstract int id();

    /** The processor it is bound to, or -1 where the system does not allow binding. */
    public abstract int processor();

    /** Whether it has not answered for a second or more: what is new goes elsewhere. Any thread. */
    public boolean isBlocked() {
        return false;
    }

    /** Whether the caller runs on it. Any thread. */
    public abstract boolean isCurrent();

    /** Runs the message soon; never refused. Any thread, also the reactor's own. */
    public abstract void send(Message message);

    /** Runs {@code task} soon. Any thread; allocates, so not for the I/O path. */
    public final void execute(Runnable task) {
        send(new Message() {
            @Override
            public void run() {
                task.run();
            }
        });
    }

    /**
     * Runs the message later in this round, after what runs now has returned: how completions are delivered without
     * recursion. Reactor-confined; cheaper than {@link #send}.
     */
    public abstract void defer(Message message);

    /** Asks the poller in every round from now on. Reactor-confined. */
    public abstract void add(Poller poller);

    /** Does not ask the poller any more. Reactor-confined. */
    public abstract void remove(Poller poller);

    /** Runs the timer once, {@code delayNanos} from now; moves it if it is scheduled. Reactor-confined. */
    public abstract void schedule(Timer timer, long delayNanos);

    /** Does not run the timer. Reactor-confined. */
    public abstract void cancel(Timer timer);

    /** The time when the present round began; costs nothing. Reactor-confined. */
    public abstract long nowNanos();

    /** What it waits on. */
    public abstract EventSet events();

    /**
     * Its ring for file I/O, opened when first asked for. Reactor-confined.
     *
     * @throws StorageException EMFILE, ENOMEM
     */
    public abstract FileRing fileRing() throws StorageException;

    /** What it does when it has nothing to do. Any thread. */
    public abstract IdlePolicy idlePolicy();

    /** Changes what it does when it has nothing to do, at once. Any thread. */
    public abstract void idlePolicy(IdlePolicy policy);

    /** What it has done so far. Any thread; slightly old. */
    public abstract ReactorStatistics statistics();
}
