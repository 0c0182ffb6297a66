package dev.karst.scsi.core.model;

import dev.karst.base.ReactorConfined;
import dev.karst.scsi.ScsiTask;
import dev.karst.scsi.core.reservation.Access;
import dev.karst.spec.scsi.Asc;
import dev.karst.spec.scsi.SenseKey;
import java.util.ArrayList;
import java.util.List;

/**
 * A logical unit as one nexus sees it: its task set, its unit attentions, and what reservations keep from it. A task set for each
 * nexus is what the control mode page says. SAM-6, 8.
 */
@ReactorConfined
public final class UnitNexus {
    public final Nexus nexus;
    public final UnitChannel channel;
    public final Attentions attentions = new Attentions();
    /** What became of its last copy, for whoever asks; null for nothing. */
    public CopyStatus copied;
    /** Kinds of {@link Operation} that reservations refuse it. */
    public int denied;

    /** Commands in order of arrival. */
    private Command first;
    private Command last;
    private int held;
    private int running;
    private int orderedRunning;
    private boolean advancing;

    UnitNexus(Nexus nexus, UnitChannel channel) {
        this.nexus = nexus;
        this.channel = channel;
        denied = channel.unit.reservations().access().denied(nexus.name);
        attentions.raise(Asc.POWER_ON_OR_RESET_OCCURRED);
    }

    /** A command is there: it is executed when it is its turn. */
    void accept(Command command) {
        command.unit = this;
        channel.enter();
        link(command);
        if (held == 0 && mayStart(command) || command.task.attribute == ScsiTask.HEAD_OF_QUEUE) {
            start(command);
        } else {
            command.phase = Command.HELD;
            held++;
        }
    }

    /** Whether the order of the task set lets the oldest that waits begin. SAM-6, 8.6. */
    private boolean mayStart(Command command) {
        return command.task.attribute == ScsiTask.ORDERED ? running == 0 : orderedRunning == 0;
    }

    private void start(Command command) {
        command.phase = Command.RUNNING;
        running++;
        orderedRunning += command.task.attribute == ScsiTask.ORDERED ? 1 : 0;
        if (command.task.attribute == ScsiTask.ACA) {
            command.fail(SenseKey.ABORTED_COMMAND, Asc.INVALID_MESSAGE_ERROR);
        } else {
            execute(command);
        }
    }

    private void execute(Command command) {
        try {
            nexus.group.commands.execute(command);
        } catch (InternalError e) {
            command.lost();
        }
    }

    private void link(Command command) {
        command.before = last;
        command.after = null;
        if (last == null) {
            first = command;
        } else {
            last.after = command;
        }
        last = command;
    }

    private void unlink(Command command) {
        if (command.before == null) {
            first = command.after;
        } else {
            command.before.after = command.after;
        }
        if (command.after == null) {
            last = command.before;
        } else {
            command.after.before = command.before;
        }
        command.before = null;
        command.after = null;
    }

    /** A command ends: it is no longer part of the task set. */
    void remove(Command command) {
        unlink(command);
        if (command.phase == Command.HELD) {
            held--;
        } else {
            running--;
            orderedRunning -= command.task.attribute == ScsiTask.ORDERED ? 1 : 0;
        }
    }

    /** Whether there is any command. */
    boolean hasCommands() {
        return first != null;
    }

    /** Executes what may be executed now. */
    void advance() {
        if (held == 0 || advancing) {
            return;
        }
        advancing = true;
        for (Command next = oldestHeld(); next != null && mayStart(next); next = oldestHeld()) {
            held--;
            start(next);
        }
        advancing = false;
    }

    private Command oldestHeld() {
        Command at = first;
        while (at != null && at.phase != Command.HELD) {
            at = at.after;
        }
        return at;
    }

    /** Ends all commands soon that are there now, waiting ones at once; the fence waits for those that take time. */
    void abortAll(int how, Fence fence) {
        List<Command> all = new ArrayList<>();
        for (Command at = first; at != null; at = at.after) {
            mark(at, how, fence);
            all.add(at);
        }
        advancing = true;
        for (Command command : all) {
            stop(command);
        }
        advancing = false;
        advance();
    }

    /** Ends all commands soon because another nexus wants that; copies on their way to this unit find out by themselves. */
    public void abortForOthers(Fence fence) {
        boolean told = channel.unit.mode().tellsAborted();
        nexus.awaitVisitors(channel, fence);
        abortAll(told ? Command.TOLD : Command.SILENTLY, fence);
        nexus.owner.abortWaiting(channel.unit.lun, told);
    }

    /** Ends a command soon. */
    void abort(Command command, int how, Fence fence) {
        mark(command, how, fence);
        stop(command);
    }

    private static void mark(Command command, int how, Fence fence) {
        if (command.ending == Command.NORMALLY) {
            command.ending = how;
        }
        if (command.phase == Command.RUNNING) {
            fence.await(command);
        }
    }

    /** A command that was marked may have ended by the end of another, and be another by now. */
    private void stop(Command command) {
        if (command.unit != this || command.ending == Command.NORMALLY) {
            return;
        } else if (command.phase == Command.HELD) {
            nexus.ended(command);
        } else if (command.letGo != null) {
            command.letGo.run();
        } else {
            (command.elsewhere == null ? channel : command.elsewhere).abort(command);
        }
    }

    /** Obeys other reservations from now on; the fence waits for all commands that they refuse. */
    public void obey(Access access, Fence fence) {
        denied = access.denied(nexus.name);
        for (Command at = first; at != null; at = at.after) {
            boolean isDenied = at.operation != null && (at.operation.kind & denied) != 0;
            if (at.phase == Command.RUNNING && isDenied && at.letGo == null) {
                fence.await(at);
            }
        }
        if (denied != 0) {
            nexus.awaitVisitors(channel, fence);
        }
    }

    /** The fence waits for all commands but that one that are executed, and for copies that come from other units. */
    void awaitOthers(Command except, Fence fence) {
        for (Command at = first; at != null; at = at.after) {
            if (at.phase == Command.RUNNING && at != except) {
                fence.await(at);
            }
        }
        nexus.awaitVisitors(channel, fence);
    }

    /** The fence waits for those commands of this unit that do block I/O on another one. */
    void awaitVisitors(UnitChannel host, Fence fence) {
        for (Command at = first; at != null; at = at.after) {
            if (at.elsewhere == host && host != channel) {
                fence.await(at);
            }
        }
    }

    /** A unit attention: the initiator is told with its next command. */
    public void raise(int asc) {
        if (attentions.raise(asc)) {
            nexus.owner.attention(channel.unit.lun, asc);
        }
    }
}
