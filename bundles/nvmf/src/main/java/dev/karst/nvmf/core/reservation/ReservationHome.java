package dev.karst.nvmf.core.reservation;

import dev.karst.base.StorageException;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.SerialState;
import dev.karst.spec.nvme.NvmeStatus;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.IntConsumer;

/**
 * The reservations of one namespace: executes commands one after the other, on one reactor. A command ends when its state
 * is durable, every reactor obeys it, and no command runs any more that it would have refused.
 */
public final class ReservationHome extends SerialState<ReservationState, ReservationHome.Command, Outcome> {
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

    /** A command of a host. */
    public record Command(UUID host, ReservationRequest request) {}

    /** Null where nothing persists. */
    private final ReservationFile file;
    private final Surroundings surroundings;
    private volatile Access access;

    /**
     * @param initial what {@code file} holds
     * @param background where a file may be written
     */
    public ReservationHome(
        Reactor reactor, Executor background, ReservationFile file, ReservationState initial,
        Surroundings surroundings) {
        super(reactor, background, "reservations", initial);
        this.file = file;
        this.surroundings = surroundings;
        access = Access.of(initial);
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
        execute(new Command(host, request), answer);
    }

    @Override
    protected Outcome apply(ReservationState now, Command command) {
        return ReservationRules.apply(now, command.host, command.request, canPersist());
    }

    @Override
    protected ReservationState next(Outcome outcome) {
        return outcome.state();
    }

    @Override
    protected int verdict(Outcome outcome) {
        return outcome.status();
    }

    @Override
    protected int endedVerdict() {
        return NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR;
    }

    @Override
    protected int failedVerdict() {
        return NvmeStatus.INTERNAL_ERROR;
    }

    @Override
    protected boolean isSaved(ReservationState now, ReservationState next) {
        return file != null && (now.persistent() || next.persistent());
    }

    @Override
    protected void save(ReservationState next) throws StorageException {
        file.save(next);
    }

    @Override
    protected void publish(Outcome outcome, Runnable done) {
        access = Access.of(outcome.state());
        surroundings.publish(access, outcome.aborted(), () -> {
            surroundings.tell(outcome.notices());
            done.run();
        });
    }
}
