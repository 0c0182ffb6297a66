package dev.karst.scsi.core.reservation;

import dev.karst.base.StorageException;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.SerialState;
import dev.karst.scsi.core.reservation.ReservationHome.Sent;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.IntConsumer;

/**
 * The reservations of one logical unit. A request ends when its state is durable, every reactor obeys it, and no command runs any
 * more that it would have refused.
 */
public final class ReservationHome extends SerialState<ReservationState, Sent, Outcome> {
    /** Those who obey reservations and are told of them. Called on the home reactor. */
    public interface Surroundings {
        /**
         * Has every nexus obey; {@code done} runs when all do, and the commands have ended that it refuses, and those of {@code
         * aborted}.
         */
        void publish(Access access, Set<NexusName> aborted, Runnable done);

        /** Raises unit attentions. */
        void tell(List<Outcome.Notice> notices);
    }

    /** A request, and who sent it. */
    public record Sent(NexusName nexus, ReservationRequest request) {}

    private final ReservationFile file;
    private final Surroundings surroundings;
    private volatile Access access;

    /** With what {@code file} holds; null for one that persists nowhere. */
    public ReservationHome(
        Reactor reactor, Executor background, ReservationFile file, ReservationState initial, Surroundings surroundings) {
        super(reactor, background, "reservations", initial);
        this.file = file;
        this.surroundings = surroundings;
        access = new Access(initial);
    }

    /** What a nexus is to obey that begins only now. Any thread. */
    public Access access() {
        return access;
    }

    /** Whether anything persists here. Any thread. */
    public boolean canPersist() {
        return file != null;
    }

    /** Executes a request. Any thread; the verdict is given on the home reactor. */
    public void execute(NexusName nexus, ReservationRequest request, IntConsumer answer) {
        execute(new Sent(nexus, request), answer);
    }

    @Override
    protected Outcome apply(ReservationState now, Sent sent) {
        return ReservationRules.apply(now, sent.nexus, sent.request, canPersist());
    }

    @Override
    protected ReservationState next(Outcome outcome) {
        return outcome.state();
    }

    @Override
    protected int verdict(Outcome outcome) {
        return outcome.verdict();
    }

    @Override
    protected int endedVerdict() {
        return Outcome.NOT_KEPT;
    }

    @Override
    protected int failedVerdict() {
        return Outcome.NOT_KEPT;
    }

    @Override
    protected boolean isSaved(ReservationState now, ReservationState next) {
        return file != null && !ReservationFile.kept(next).equals(ReservationFile.kept(now));
    }

    @Override
    protected void save(ReservationState next) throws StorageException {
        file.save(next);
    }

    @Override
    protected void publish(Outcome outcome, Runnable done) {
        access = new Access(outcome.state());
        surroundings.publish(access, outcome.aborted(), () -> {
            surroundings.tell(outcome.notices());
            done.run();
        });
    }
}
