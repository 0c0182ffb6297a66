package dev.karst.reactor.core;

import dev.karst.base.Clock;
import dev.karst.base.MpscQueue;
import dev.karst.base.ReactorConfined;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.EventSet;
import dev.karst.env.FileRing;
import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.Message;
import dev.karst.reactor.Poller;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.ReactorStatistics;
import dev.karst.reactor.Timer;
import dev.karst.reactor.Timers;
import java.util.List;

/**
 * A reactor without its thread: {@link #round} does once what there is to do and never waits, {@link #sleep} waits. A
 * {@link LoopThread} calls them for ever; the simulator calls {@link #round} when its seed says so. Allocates nothing in
 * a round, for a message or for a sleep.
 *
 * <p>The order of a round: messages, pollers, file ring, event set, timers; what was deferred runs after each of them. The
 * event set costs a system call, so it is asked in a round that found nothing else, and in every fourth at the latest; while a poller
 * does not announce its work, for which every round counts, only after 5 us or 32 rounds.
 */
@ReactorConfined
public final class EventLoop extends Reactor {
    /** Most messages in one round; more wait for the next. */
    static final int MESSAGES_PER_ROUND = 256;
    /** Most deferred messages in one round. */
    static final int DEFERRED_PER_ROUND = 4096;
    /** The event set is asked at least once in so many rounds. */
    static final int EVENTS_EVERY = 4;
    /** The same while a poller does not announce its work: in so many rounds, or after so long. */
    static final int EVENTS_EVERY_POLLING = 32;
    private static final long EVENTS_NANOS_POLLING = 5_000;
    /** Most file operations in flight. */
    static final int FILE_RING_DEPTH = 1024;

    private static final int MESSAGES = 0;
    private static final int POLLERS = 1;
    private static final int FILES = 2;
    private static final int EVENTS = 3;
    private static final int TIMERS = 4;
    private static final int PHASES = 5;
    private static final int DEFERRED = 5;
    private static final int WAIT = 6;

    private final int id;
    private final Environment environment;
    private final Clock clock;
    private final EventSet events;
    private final FailureListener failures;
    private final MpscQueue<Message> inbox = new MpscQueue<>();
    private final SleepFlag asleep = new SleepFlag();
    private final LoopCounters counters = new LoopCounters();
    private final ReadyList deferred = new ReadyList();
    private final PollerList pollers = new PollerList();
    private final Timers timers = new Timers();

    private volatile IdlePolicy policy;
    private volatile long spinNanos;
    private volatile int processor = -1;
    private volatile boolean stopRequested;
    private volatile boolean blocked;
    /** The thread that is in the loop now; others may see an old value, which is never themselves. */
    private Thread owner;
    private FileRing ring;
    private long now;
    /** Set while waiting: {@link #now} is from before the wait. */
    private boolean nowIsOld;
    private boolean busy;
    private long idleSince;
    private int deferredLeft;
    private int roundsWithoutEvents;
    private long eventsNanos;
    /** What was done in a wait; the next round counts it. */
    private int doneAsleep;
    private long waitNanos;

    /**
     * A loop that belongs to nobody yet.
     *
     * @param failures hears of what is thrown
     * @param spinNanos for {@link IdlePolicy#ADAPTIVE}, how long it asks before it sleeps
     */
    public EventLoop(
        int id, Environment environment, EventSet events, FailureListener failures, IdlePolicy policy, long spinNanos) {
        this.id = id;
        this.environment = environment;
        this.clock = environment.clock();
        this.events = events;
        this.failures = failures;
        this.policy = policy;
        this.spinNanos = spinNanos;
        now = clock.nanos();
        idleSince = now;
    }

    /** The calling thread becomes the reactor's. */
    public void enter() {
        owner = Thread.currentThread();
    }

    /** The calling thread is the reactor's no more. */
    public void leave() {
        owner = null;
    }

    /** Does once what there is to do. Returns whether it found something. */
    public boolean round() {
        beginRound();
        deferredLeft = DEFERRED_PER_ROUND;
        int done = doneAsleep;
        doneAsleep = 0;
        for (int phase = 0; phase < PHASES; phase++) {
            if (phase == EVENTS && skipsEvents(done)) {
                continue;
            }
            done += guarded(phase);
            while (phase == POLLERS && pollers.isInterrupted()) {
                done += guarded(phase);
            }
            done += runDeferred();
        }
        endRound(done > 0);
        return busy;
    }

    /**
     * How long it may sleep now, after a round that found nothing: 0 not at all, {@link Long#MAX_VALUE} until something
     * happens.
     */
    public long restNanos() {
        IdlePolicy present = policy;
        if (present == IdlePolicy.POLL || present == IdlePolicy.ADAPTIVE && now - idleSince < spinNanos) {
            return 0;
        }
        long due = timers.nextNanos();
        long rest = due == Long.MAX_VALUE ? due : Math.max(0, due - clock.nanos());
        return rest > NAP_NANOS && !pollers.allAnnounce() ? NAP_NANOS : rest;
    }

    /** Waits for something to happen, but no longer than that. What the event set delivers meanwhile is work done. */
    void sleep(long mostNanos) {
        if (fallAsleep()) {
            waitNanos = mostNanos;
            nowIsOld = true;
            doneAsleep += guarded(WAIT);
            wakeUp();
        }
    }

    /** Says that it sleeps from now on; false when there is work, which may have come after the last round. */
    public boolean fallAsleep() {
        asleep.raise();
        if (hasWork()) {
            asleep.lower();
            return false;
        }
        counters.add(LoopCounters.SLEEPS, 1);
        return true;
    }

    /** Says that it sleeps no more. */
    public void wakeUp() {
        asleep.lower();
    }

    /** Whether messages wait, sent or deferred. Reactor-confined. */
    public boolean hasWork() {
        return !inbox.isEmpty() || !deferred.isEmpty();
    }

    /** File operations in flight. Reactor-confined. */
    int filesInFlight() {
        return ring == null ? 0 : ring.inFlight();
    }

    /** Closes the file ring, if nothing is in flight on it, and the event set. Reactor-confined; the loop has ended. */
    public void close() {
        if (ring != null && ring.inFlight() == 0) {
            ring.close();
        }
        events.close();
    }

    /** Asks the thread to stop after it has run what was sent before this. Any thread. */
    void requestStop() {
        execute(() -> stopRequested = true);
    }

    /** For the watchdog: whether it does not answer. */
    void blocked(boolean blocked) {
        this.blocked = blocked;
    }

    @Override
    public boolean isBlocked() {
        return blocked;
    }

    boolean isStopRequested() {
        return stopRequested;
    }

    void bound(int processor) {
        this.processor = processor;
    }

    void spinNanos(long nanos) {
        spinNanos = nanos;
    }

    /** Its pollers and what each has done. Reactor-confined. */
    List<PollerList.Tally> pollers() {
        return pollers.tallies();
    }

    /** Its timers that are scheduled. Reactor-confined. */
    Timer[] scheduled() {
        return timers.scheduled();
    }

    /** How many timers are scheduled; slightly old. Any thread. */
    int timers() {
        return (int) counters.get(LoopCounters.TIMERS);
    }

    @Override
    public int id() {
        return id;
    }

    @Override
    public int processor() {
        return processor;
    }

    @Override
    public boolean isCurrent() {
        return owner == Thread.currentThread();
    }

    @Override
    public void send(Message message) {
        inbox.push(message);
        if (asleep.mustWake()) {
            events.wake();
        }
    }

    @Override
    public void defer(Message message) {
        assert isCurrent() : "deferred from outside the reactor";
        deferred.add(message);
    }

    @Override
    public void add(Poller poller) {
        assert isCurrent() : "a poller was added from outside the reactor";
        pollers.add(poller);
        counters.set(LoopCounters.POLLERS, pollers.size());
    }

    @Override
    public void remove(Poller poller) {
        assert isCurrent() : "a poller was removed from outside the reactor";
        pollers.remove(poller);
        counters.set(LoopCounters.POLLERS, pollers.size());
    }

    @Override
    public void schedule(Timer timer, long delayNanos) {
        assert isCurrent() : "a timer was scheduled from outside the reactor";
        long due = nowNanos() + delayNanos;
        timers.schedule(timer, due < 0 ? Long.MAX_VALUE - 1 : due);
    }

    @Override
    public void cancel(Timer timer) {
        assert isCurrent() : "a timer was cancelled from outside the reactor";
        timers.cancel(timer);
    }

    @Override
    public long nowNanos() {
        return nowIsOld ? endWait() : now;
    }

    @Override
    public EventSet events() {
        return events;
    }

    @Override
    public FileRing fileRing() throws StorageException {
        assert isCurrent() : "the file ring was asked for from outside the reactor";
        if (ring == null) {
            ring = environment.openFileRing(events, FILE_RING_DEPTH);
        }
        return ring;
    }

    @Override
    public IdlePolicy idlePolicy() {
        return policy;
    }

    @Override
    public void idlePolicy(IdlePolicy policy) {
        this.policy = policy;
        execute(() -> {});
    }

    @Override
    public ReactorStatistics statistics() {
        return counters.statistics();
    }

    /** The one catch-all: whatever is thrown ends the phase, not the reactor. */
    private int guarded(int phase) {
        try {
            return run(phase);
        } catch (Throwable e) {
            counters.add(LoopCounters.FAILURES, 1);
            failures.failed(id, e);
            return 1;
        }
    }

    private int run(int phase) {
        return switch (phase) {
            case MESSAGES -> runMessages();
            case POLLERS -> pollers.poll();
            case FILES -> ring == null ? 0 : ring.poll();
            case EVENTS -> events.poll(0);
            case TIMERS -> timers.expire(now);
            case DEFERRED -> runDeferredBatch();
            default -> events.poll(waitNanos);
        };
    }

    private int runMessages() {
        int ran = 0;
        while (ran < MESSAGES_PER_ROUND) {
            Message message = inbox.pop();
            if (message == null) {
                break;
            }
            ran++;
            counters.add(LoopCounters.MESSAGES, 1);
            message.run();
        }
        return ran;
    }

    private int runDeferred() {
        int ran = 0;
        while (deferredLeft > 0 && !deferred.isEmpty()) {
            ran += guarded(DEFERRED);
        }
        return ran;
    }

    private int runDeferredBatch() {
        int ran = 0;
        while (deferredLeft > 0 && !deferred.isEmpty()) {
            deferredLeft--;
            ran++;
            deferred.take().run();
        }
        return ran;
    }

    private boolean skipsEvents(int done) {
        roundsWithoutEvents++;
        boolean skips = pollers.allAnnounce()
            ? done > 0 && roundsWithoutEvents < EVENTS_EVERY
            : roundsWithoutEvents < EVENTS_EVERY_POLLING && now - eventsNanos < EVENTS_NANOS_POLLING;
        if (!skips) {
            roundsWithoutEvents = 0;
            eventsNanos = now;
        }
        return skips;
    }

    /** The time since the last look at the clock belongs to the round before, and to the sleep behind it. */
    private void beginRound() {
        account(busy && !nowIsOld);
        counters.add(LoopCounters.ROUNDS, 1);
    }

    private void endRound(boolean didSomething) {
        if (busy && !didSomething) {
            idleSince = now;
        }
        busy = didSomething;
        counters.set(LoopCounters.TIMERS, timers.size());
    }

    /** Something happened in a wait, and it asks for the time: the wait up to here was idle, what follows is not. */
    private long endWait() {
        account(false);
        busy = true;
        return now;
    }

    private void account(boolean worked) {
        long time = clock.nanos();
        long spent = time - now;
        counters.add(worked ? LoopCounters.BUSY_NANOS : LoopCounters.IDLE_NANOS, spent);
        if (worked) {
            counters.raise(LoopCounters.LONGEST_ROUND_NANOS, spent);
        }
        nowIsOld = false;
        now = time;
    }
}
