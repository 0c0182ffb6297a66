package dev.karst.reactor;

import dev.karst.base.StorageException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.function.IntConsumer;

/**
 * A state that many reactors go by and that requests change, one after the other, on one reactor. A request is answered when the
 * state that it led to is durable, if it is to be, and every reactor goes by it. Not for the I/O path.
 *
 * @param <S> the state, immutable and with equals
 * @param <R> a request
 * @param <O> what a request comes to
 */
public abstract class SerialState<S, R, O> {
    private static final Logger LOG = System.getLogger(SerialState.class.getName());

    private record Waiting<R>(R request, IntConsumer answer) {}

    private final Reactor home;
    private final Executor background;
    private final String name;
    private final Deque<Waiting<R>> waiting = new ArrayDeque<>();
    private volatile S state;
    private boolean busy;
    private boolean closed;
    private Runnable whenClosed;

    /**
     * @param home the reactor on which requests are executed
     * @param background where states may be saved
     * @param name what it is, in the plural, for people to read
     */
    protected SerialState(Reactor home, Executor background, String name, S initial) {
        this.home = home;
        this.background = background;
        this.name = name;
        state = initial;
    }

    /** What a request makes of the state; changes nothing. On the home reactor. */
    protected abstract O apply(S now, R request);

    /** The state that it leads to. */
    protected abstract S next(O outcome);

    /** How it is answered. */
    protected abstract int verdict(O outcome);

    /** How a request is answered that comes after the end. */
    protected abstract int endedVerdict();

    /** How a request is answered whose state could not be saved; nothing has changed then. */
    protected abstract int failedVerdict();

    /** Whether the next state must be saved before anybody goes by it. */
    protected abstract boolean isSaved(S now, S next);

    /** Makes a state durable. In the background; may block. */
    protected abstract void save(S next) throws StorageException;

    /**
     * The state is another: has every reactor go by it. On the home reactor.
     *
     * @param done runs on the home reactor when all do
     */
    protected abstract void publish(O outcome, Runnable done);

    /** What holds now. Any thread. */
    public final S state() {
        return state;
    }

    /** Executes a request. Any thread; the verdict is given on the home reactor. */
    public final void execute(R request, IntConsumer answer) {
        home.execute(() -> {
            waiting.add(new Waiting<>(request, answer));
            proceed();
        });
    }

    /** Takes no more; {@code done} runs on the home reactor when what was begun has ended. Any thread. */
    public final void close(Runnable done) {
        home.execute(() -> {
            closed = true;
            whenClosed = done;
            proceed();
        });
    }

    private void proceed() {
        while (!busy && !waiting.isEmpty()) {
            Waiting<R> request = waiting.remove();
            if (closed) {
                request.answer.accept(endedVerdict());
            } else {
                begin(request);
            }
        }
        if (!busy && whenClosed != null) {
            Runnable done = whenClosed;
            whenClosed = null;
            done.run();
        }
    }

    private void begin(Waiting<R> request) {
        O outcome = apply(state, request.request);
        if (next(outcome).equals(state)) {
            request.answer.accept(verdict(outcome));
            return;
        }
        busy = true;
        if (!isSaved(state, next(outcome))) {
            publish(request, outcome);
            return;
        }
        background.execute(() -> {
            boolean isSaved = trySave(next(outcome));
            home.execute(() -> {
                if (isSaved) {
                    publish(request, outcome);
                } else {
                    end(request, failedVerdict());
                }
            });
        });
    }

    private boolean trySave(S next) {
        try {
            save(next);
            return true;
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "a change of {0} was refused, for it could not be kept: {1}", name, e.getMessage());
            return false;
        }
    }

    private void publish(Waiting<R> request, O outcome) {
        state = next(outcome);
        publish(outcome, () -> end(request, verdict(outcome)));
    }

    private void end(Waiting<R> request, int verdict) {
        busy = false;
        request.answer.accept(verdict);
        proceed();
    }
}
