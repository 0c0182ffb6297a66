package dev.karst.scsi.core.model;

import dev.karst.base.ReactorConfined;
import dev.karst.scsi.InitiatorPort;
import dev.karst.scsi.NexusOwner;
import dev.karst.scsi.ScsiDevice;
import dev.karst.scsi.ScsiNexus;
import dev.karst.scsi.ScsiTask;
import dev.karst.scsi.TargetPort;
import dev.karst.scsi.core.reservation.NexusName;
import dev.karst.scsi.core.reservation.ReservationRequest;
import dev.karst.spec.scsi.ScsiStatus;
import java.util.function.IntConsumer;

/** An I_T nexus: it keeps which commands are outstanding, so that each comes back once. */
@ReactorConfined
public final class Nexus extends ScsiNexus {
    public final InitiatorPort initiator;
    public final TargetPort port;
    public final NexusOwner owner;
    public final DeviceGroup group;
    /** What reservations know it by. */
    public final NexusName name;
    /** Most bytes of a transfer. */
    public final int maxTransferBytes;

    private final UnitNexus[] units = new UnitNexus[ScsiDevice.MAX_LUNS];
    private int outstanding;
    private boolean closing;
    private boolean released;

    Nexus(InitiatorPort initiator, TargetPort port, DeviceGroup group, NexusOwner owner) {
        this.initiator = initiator;
        this.port = port;
        this.group = group;
        this.owner = owner;
        name = NexusName.of(initiator.transportId(), port.relativeId());
        maxTransferBytes = owner.maxTransferBytes();
    }

    private UnitNexus find(long lun) {
        int number = ScsiDevice.number(lun);
        return number < 0 ? null : units[number];
    }

    /** The logical unit of this number; null for none. */
    public UnitNexus unit(int lun) {
        return units[lun];
    }

    void unit(int lun, UnitNexus unit) {
        units[lun] = unit;
    }

    @Override
    public void prepare(ScsiTask task) {
        task.core = new Command(task, this);
    }

    @Override
    public void execute(ScsiTask task) {
        Command command = (Command) task.core;
        command.begin();
        outstanding++;
        UnitNexus unit = find(task.lun);
        if (unit != null && !closing) {
            unit.accept(command);
            return;
        }
        command.unit = null;
        command.phase = Command.RUNNING;
        if (closing) {
            command.ending = Command.SILENTLY;
            ended(command);
        } else {
            executeWithoutUnit(command);
        }
    }

    private void executeWithoutUnit(Command command) {
        try {
            group.commands.executeWithoutUnit(command);
        } catch (InternalError e) {
            command.lost();
        }
    }

    @Override
    public void refuse(ScsiTask task, int key, int asc) {
        Command command = (Command) task.core;
        command.begin();
        outstanding++;
        command.unit = null;
        command.phase = Command.RUNNING;
        command.fail(key, asc);
    }

    /** A command ends: it goes back to the transport. */
    void ended(Command command) {
        UnitNexus unit = command.unit;
        Fence.Link fences = command.fences;
        if (unit != null) {
            unit.remove(command);
        }
        command.phase = Command.IDLE;
        command.fences = null;
        command.unit = null;
        outstanding--;
        giveBack(command);
        for (Fence.Link link = fences; link != null; link = link.next) {
            link.fence.pass();
        }
        if (unit != null) {
            unit.advance();
            unit.channel.leave();
        }
        if (closing && outstanding == 0) {
            release();
        }
    }

    private static void giveBack(Command command) {
        ScsiTask task = command.task;
        if (command.ending == Command.SILENTLY) {
            task.aborted();
            return;
        }
        if (command.ending == Command.TOLD) {
            task.status = ScsiStatus.TASK_ABORTED;
            task.senseBytes = 0;
            task.answered = 0;
        }
        task.wanted = command.wanted;
        task.respond();
    }

    @Override
    public void manage(Management function, long lun, ScsiTask task, IntConsumer done) {
        TaskManagement.execute(this, function, lun, task, done);
    }

    /** The fence waits for the copies that come from other units. */
    void awaitVisitors(UnitChannel host, Fence fence) {
        for (UnitNexus unit : units) {
            if (unit != null) {
                unit.awaitVisitors(host, fence);
            }
        }
    }

    @Override
    public void close() {
        if (closing) {
            return;
        }
        closing = true;
        var ended = new Fence(() -> { });
        for (UnitNexus unit : units) {
            if (unit != null) {
                unit.abortAll(Command.SILENTLY, ended);
            }
        }
        ended.pass();
        if (outstanding == 0) {
            release();
        }
    }

    private void release() {
        if (released) {
            return;
        }
        released = true;
        giveUpReserved();
        group.leave(this);
        owner.released();
    }

    /** Gives up what RESERVE took. */
    void giveUpReserved() {
        for (UnitNexus unit : units) {
            if (unit != null && name.equals(unit.channel.unit.reservations().state().exclusive())) {
                unit.channel.unit.reservations().execute(name, new ReservationRequest.Give(), _ -> { });
            }
        }
    }

    @Override
    public String toString() {
        return initiator.name() + " at port " + port.relativeId();
    }
}
