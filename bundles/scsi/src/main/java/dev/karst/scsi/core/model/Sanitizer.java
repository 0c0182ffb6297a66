package dev.karst.scsi.core.model;

import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.Region;
import dev.karst.spec.scsi.Asc;
import dev.karst.spec.scsi.Opcode;
import dev.karst.spec.scsi.SenseKey;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * SANITIZE of a logical unit: all of it is overwritten or erased, whatever becomes of the nexus that wanted it. Meanwhile, and when
 * that has failed, other commands are refused. SBC-4, 4.11.
 */
public final class Sanitizer {
    /**
     * What is to be done.
     *
     * @param block what each block is overwritten with; null to erase
     * @param passes how often
     * @param inverts whether each pass inverts what the one before has written
     * @param mayExit AUSE: whether a failure can be left as it is
     */
    public record Plan(byte[] block, int passes, boolean inverts, boolean mayExit) {}

    /** Told how it ended. On the home reactor. */
    @FunctionalInterface
    public interface Listener {
        void ended(boolean well);
    }

    private enum State { IDLE, RUNNING, FAILED }

    private static final Logger LOG = System.getLogger(Sanitizer.class.getName());
    private static final int WHOLE = 1 << 16;

    private final LogicalUnit unit;
    private final Environment environment;
    private volatile State state = State.IDLE;
    private volatile int progress;
    private boolean mayExit;
    /** On the home reactor: what is at it; null for nothing. */
    private SanitizeJob job;
    private boolean closed;
    private Runnable whenClosed;

    Sanitizer(LogicalUnit unit, Environment environment) {
        this.unit = unit;
        this.environment = environment;
    }

    /** Whether commands are refused. Any thread. */
    public boolean isRefusing() {
        return state != State.IDLE;
    }

    /** Whether it has failed in a way that only another SANITIZE without AUSE ends. Any thread. */
    public synchronized boolean isStuck() {
        return state == State.FAILED && !mayExit;
    }

    /** EXIT FAILURE MODE. Any thread. */
    public synchronized void exitFailure() {
        state = state == State.FAILED && mayExit ? State.IDLE : state;
    }

    /** Whether a command may be executed nevertheless. */
    public boolean admits(Operation operation) {
        return operation.passesAttention || operation.opcode == Opcode.MAINTENANCE_IN
            || operation.opcode == Opcode.SANITIZE && state == State.FAILED;
    }

    /** Begins sense data that says why a command is refused. */
    public void beginSense(long sense, boolean descriptors) {
        if (state == State.FAILED) {
            Sense.begin(sense, descriptors, SenseKey.MEDIUM_ERROR, Asc.SANITIZE_COMMAND_FAILED);
        } else {
            Sense.begin(sense, descriptors, SenseKey.NOT_READY, Asc.SANITIZE_IN_PROGRESS);
            Sense.progress(sense, Math.min(progress, WHOLE - 1));
        }
    }

    /**
     * Begins, once all other commands of the unit have ended. Any thread.
     *
     * @return false when somebody else did
     */
    public synchronized boolean begin(Plan plan, Command by, Listener listener) {
        if (state == State.RUNNING) {
            return false;
        }
        state = State.RUNNING;
        progress = 0;
        mayExit = plan.mayExit;
        Round.all(unit.groups, (group, ended) -> {
            var fence = Fence.ofReservations(ended);
            group.each(unit, one -> one.awaitOthers(by, fence));
            fence.pass();
        }, () -> environment.threads().background().execute(() -> start(plan, listener)));
        return true;
    }

    private void start(Plan plan, Listener listener) {
        try {
            Region memory = environment.memory().allocate("sanitize", Workspace.BUFFER_BYTES);
            unit.home.execute(() -> run(plan, memory, listener));
        } catch (StorageException e) {
            end(e.getMessage(), null, listener);
        }
    }

    private void run(Plan plan, Region memory, Listener listener) {
        job = new SanitizeJob(unit, plan, memory.address(), done -> progress = done, failure -> {
            job = null;
            environment.threads().background().execute(() -> end(failure, memory, listener));
        });
        if (closed) {
            job.stop();
        }
        job.begin();
    }

    /** It ended, well if there is no {@code failure}. Control threads. */
    private void end(String failure, Region memory, Listener listener) {
        if (memory != null) {
            environment.memory().free(memory);
        }
        if (failure != null) {
            LOG.log(Level.WARNING, "{0} is not sanitized: {1}", unit, failure);
        }
        unit.home.execute(() -> {
            state = failure == null ? State.IDLE : State.FAILED;
            listener.ended(failure == null);
            if (whenClosed != null) {
                whenClosed.run();
                whenClosed = null;
            }
        });
    }

    /** Ends what is under way, and lets nothing more begin; then {@code done} runs on the home reactor. Any thread, once. */
    public void close(Runnable done) {
        unit.home.execute(() -> {
            closed = true;
            if (state != State.RUNNING) {
                done.run();
                return;
            }
            whenClosed = done;
            if (job != null) {
                job.stop();
            }
        });
    }
}
