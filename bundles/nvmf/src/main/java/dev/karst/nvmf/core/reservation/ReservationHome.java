package dev.karst.nvmf.core.reservation;

import dev.karst.base.StorageException;
import dev.karst.reactor.Reactor;
import dev.karst.spec.nvme.NvmeStatus;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.IntConsumer;

/**
 * The reservations of one namespace: executes commands one after the other, on one reactor. A command ends when its state
 * is durable, every reactor obeys it, and no command runs any more that it would have refused.
 */
public final class ReservationHome {
    private static final Logger LOG = System.getLogger(ReservationHome.class.getName());

    /** Those who obey reservations and hear of them. Called on the home reactor. */
    public interface Surroundings {
        /**
         * Gives every reactor what holds from now on.
         *
         * @param access null for no reservation
         * @param aborted hosts whose commands are to be ended soon
         * @param done runs on the home reactor when every reactor obeys, the commands have ended that {@code access}
         *     would refuse, and those of {@code aborted} too
         */
        void publish(Access access, Set<UUID> aborted, Runnable done);

        /** Tells hosts. */
        void tell(List<Outcome.Notice> notices);
    }

    private record Waiting(UUID host, ReservationRequest request, IntConsumer answer) {}

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
     * @param initial what {@code file} holds
     * @param background where a file may be written
     */
    public ReservationHome(
        Reactor reactor, Executor background, ReservationFile file, ReservationState initial,
        Surroundings surroundings) {
        this.reactor = reactor;
        this.background = background;
        this.file = file;
        this.surroundings = surroundings;
        state = initial;
        access = Access.of(initial);
    }

    /** What holds now. Any thread. */
    public ReservationState state() {
        return state;
    }

    /** What those reactors are to obey that begin only now; null for no reservation. Any thread. */
    public Access access() {
        return access;
    }

    /** Whether anything persists here. Any thread. */
    public boolean canPersist() {
        return file != null;
    }

    /** Executes a command. Any thread; the status is given on the home reactor. */
    public void execute(UUID host, ReservationRequest request, IntConsumer answer) {
        reactor.execute(() -> {
            waiting.add(new Waiting(host, request, answer));
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
            Waiting command = waiting.remove();
            if (closed) {
                command.answer.accept(NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR);
            } else {
                begin(command);
            }
        }
        if (!busy && whenClosed != null) {
            Runnable done = whenClosed;
            whenClosed = null;
            done.run();
        }
    }

    private void begin(Waiting command) {
        Outcome outcome = ReservationRules.apply(state, command.host, command.request, canPersist());
        if (outcome.state().equals(state)) {
            command.answer.accept(outcome.status());
            return;
        }
        busy = true;
        if (file != null && (state.persistent() || outcome.state().persistent())) {
            background.execute(() -> {
                boolean isSaved = save(outcome.state());
                reactor.execute(() -> saved(command, outcome, isSaved));
            });
        } else {
            publish(command, outcome);
        }
    }

    private boolean save(ReservationState next) {
        try {
            file.save(next);
            return true;
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "a change of reservations was refused, for it could not be kept: {0}",
                e.getMessage());
            return false;
        }
    }

    private void saved(Waiting command, Outcome outcome, boolean isSaved) {
        if (isSaved) {
            publish(command, outcome);
        } else {
            end(command, NvmeStatus.INTERNAL_ERROR);
        }
    }

    private void publish(Waiting command, Outcome outcome) {
        state = outcome.state();
        access = Access.of(outcome.state());
        surroundings.publish(access, outcome.aborted(), () -> {
            surroundings.tell(outcome.notices());
            end(command, outcome.status());
        });
    }

    private void end(Waiting command, int status) {
        busy = false;
        command.answer.accept(status);
        next();
    }
}
