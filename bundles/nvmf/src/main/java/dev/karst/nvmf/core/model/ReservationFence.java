package dev.karst.nvmf.core.model;

import dev.karst.base.ReactorConfined;
import dev.karst.nvmf.core.reservation.Access;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import java.util.ArrayList;
import java.util.Set;
import java.util.UUID;

/**
 * A change of a reservation on one reactor: it is obeyed at once, and passed when the last command has ended that was
 * admitted before and would not be now.
 */
@ReactorConfined
final class ReservationFence {
    private final NamespaceChannel channel;
    private final Access access;
    private final Set<UUID> aborted;
    private final Runnable done;
    private final ArrayList<Command> stopped = new ArrayList<>();
    /** Commands that are still under way, and one until all were found. */
    private int left = 1;

    private ReservationFence(NamespaceChannel channel, Access access, Set<UUID> aborted, Runnable done) {
        this.channel = channel;
        this.access = access;
        this.aborted = aborted;
        this.done = done;
    }

    /**
     * Raises a fence.
     *
     * @param access what holds from now on; null for no reservation
     * @param aborted hosts of which every command ends, and soon
     */
    static void raise(
        ReactorGroup group, NamespaceChannel channel, Access access, Set<UUID> aborted, Runnable done) {
        channel.access = access;
        var fence = new ReservationFence(channel, access, aborted, done);
        for (TargetQueue queue : group.queues()) {
            queue.eachBusy(fence::stop);
        }
        for (Command command : fence.stopped) {
            if (aborted.contains(command.queue.controller().hostId)) {
                command.queue.abort(command);
            }
        }
        fence.pass();
    }

    private void stop(Command command) {
        if (command.namespace == channel && (isRefused(command) || isAborted(command))) {
            command.fence = this;
            stopped.add(command);
            left++;
        }
    }

    private boolean isAborted(Command command) {
        return aborted.contains(command.queue.controller().hostId);
    }

    /** Whether it would be refused now; what is fused to a command may write. */
    private boolean isRefused(Command command) {
        boolean isFused = Sqe.FUSE.get(command.sqe()) != 0;
        return command.queue.isShutOut(access, isFused ? Opcode.NVM_WRITE : Sqe.OPC.get(command.sqe()));
    }

    /** A command has ended, or all were found. */
    void pass() {
        if (--left == 0) {
            done.run();
        }
    }
}
