package dev.karst.scsi.core.reservation;

import dev.karst.base.StorageException;
import dev.karst.reactor.Reactor;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.IntConsumer;

/**
 * The reservations of one logical unit: executes requests one after the other, on one reactor. A request ends when its state is durable,
 * every reactor obeys it, and no command runs any more that it would have refused.
 */
public final class ReservationHome {
    private static final Logger LOG = System.getLogger(ReservationHome.class.getName());

    /** Those who obey reservations and are told of them. Called on the home reactor. */
    public interface Surroundings {
        /**
         * Gives every reactor what holds from now on.
         *
         * @param aborted nexuses whose commands are to be ended soon
         * @param done runs on the home reactor when every reactor obeys, and the commands have ended that {@code access} would refuse, and
         *     those of {@code aborted}
         */
        void publish(Access access, Set<NexusName> aborted, Runnable done);

        /** Raises unit attentions. */
        void tell(List<Outcome.Notice> notices);
    }

    private record Waiting(NexusName nexus, ReservationRequest request, IntConsumer answer) {}

    private final Reactor reactor;
    private final Executor background;
    /** Null where nothing persists. */
    private final ReservationFile file;
    private final Surroundings surroundings;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private volatile ReservationState state;
    private volatile Access access;
    private boolean busy;
    private boolean closed;
    private Runnable whenClosed;

    /**
     * @param file where it persists; null for nowhere
     * @param initial what {@code file} holds
     * @param background where a file may be written
     */
    public ReservationHome(
        Reactor reactor, Executor background, ReservationFile file, ReservationState initial, Surroundings surroundings) {
        this.reactor = reactor;
        this.background = background;
        this.file = file;
        this.surroundings = surroundings;
        state = initial;
        access = new Access(initial);
    }

    /** What holds now. Any thread. */
    public ReservationState state() {
        return state;
    }

    /** What those are to obey that begin only now. Any thread. */
    public Access access() {
        return access;
    }

    /** Whether anything persists here. Any thread. */
    public boolean canPersist() {
        return file != null;
    }

    /** Executes a request. Any thread; the verdict is given on the home reactor. */
    public void execute(NexusName nexus, ReservationRequest request, IntConsumer answer) {
        reactor.execute(() -> {
            waiting.add(new Waiting(nexus, request, answer));
            next();
        });
    }

    /** Takes no more; {@code done} runs on the home reactor when what was begun has ended. Any thread. */
    public void close(Runnable done) {
        reactor.execute(() -> {
            closed = true;
            whenClosed = done;
            next();
        });
    }

    private void next() {
        while (!busy && !waiting.isEmpty()) {
            Waiting request = waiting.remove();
            if (closed) {
                request.answer.accept(Outcome.NOT_KEPT);
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

    private void begin(Waiting request) {
        Outcome outcome = ReservationRules.apply(state, request.nexus, request.request, canPersist());
        if (outcome.state().equals(state)) {
            request.answer.accept(outcome.verdict());
            return;
        }
        busy = true;
        ReservationState kept = ReservationFile.kept(outcome.state());
        if (file == null || kept.equals(ReservationFile.kept(state))) {
            publish(request, outcome);
            return;
        }
        background.execute(() -> {
            boolean isSaved = save(outcome.state());
            reactor.execute(() -> {
                if (isSaved) {
                    publish(request, outcome);
                } else {
                    end(request, Outcome.NOT_KEPT);
                }
            });
        });
    }

    private boolean save(ReservationState next) {
        try {
            file.save(next);
            return true;
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "a change of reservations was refused, for it could not be kept: {0}", e.getMessage());
            return false;
        }
    }

    private void publish(Waiting request, Outcome outcome) {
        state = outcome.state();
        access = new Access(outcome.state());
        surroundings.publish(access, outcome.aborted(), () -> {
            surroundings.tell(outcome.notices());
            end(request, outcome.verdict());
        });
    }

    private void end(Waiting request, int verdict) {
        busy = false;
        request.answer.accept(verdict);
        next();
    }
}
