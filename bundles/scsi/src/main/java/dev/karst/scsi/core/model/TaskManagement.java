package dev.karst.scsi.core.model;

import dev.karst.reactor.Reactor;
import dev.karst.scsi.ScsiDevice;
import dev.karst.scsi.ScsiNexus;
import dev.karst.scsi.ScsiNexus.Management;
import dev.karst.scsi.ScsiTask;
import dev.karst.scsi.core.reservation.ReservationRequest;
import dev.karst.spec.scsi.Asc;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** Task management functions. Not on the I/O path. SAM-6, 7. */
final class TaskManagement {
    private TaskManagement() {}

    static void execute(Nexus nexus, Management function, long lun, ScsiTask task, IntConsumer done) {
        if (function == Management.TARGET_RESET) {
            resetTarget(nexus, done);
            return;
        } else if (function == Management.I_T_NEXUS_RESET) {
            resetNexus(nexus, done);
            return;
        }
        int number = ScsiDevice.number(lun);
        UnitNexus unit = number < 0 ? null : nexus.unit(number);
        if (unit == null) {
            done.accept(ScsiNexus.NO_LUN);
            return;
        }
        switch (function) {
            case ABORT_TASK -> abortTask(unit, task, done);
            case ABORT_TASK_SET, CLEAR_TASK_SET -> abortTaskSet(unit, done);
            case LOGICAL_UNIT_RESET -> reset(nexus, List.of(unit.channel.unit), done);
            case QUERY_TASK_SET -> done.accept(unit.hasCommands() ? ScsiNexus.FUNCTION_SUCCEEDED : ScsiNexus.FUNCTION_COMPLETE);
            case QUERY_TASK -> done.accept(isThere(unit, task) ? ScsiNexus.FUNCTION_SUCCEEDED : ScsiNexus.FUNCTION_COMPLETE);
            default -> done.accept(ScsiNexus.NOT_SUPPORTED);
        }
    }

    private static boolean isThere(UnitNexus unit, ScsiTask task) {
        return task != null && ((Command) task.core).unit == unit;
    }

    private static void abortTask(UnitNexus unit, ScsiTask task, IntConsumer done) {
        if (!isThere(unit, task)) {
            done.accept(ScsiNexus.NO_TASK);
            return;
        }
        var fence = new Fence(() -> done.accept(ScsiNexus.FUNCTION_COMPLETE));
        unit.abort((Command) task.core, Command.SILENTLY, fence);
        fence.pass();
    }

    /** Each nexus has a task set of its own, so that to clear it is to abort it. SAM-6, 7.5. */
    private static void abortTaskSet(UnitNexus unit, IntConsumer done) {
        var fence = new Fence(() -> done.accept(ScsiNexus.FUNCTION_COMPLETE));
        unit.abortAll(Command.SILENTLY, fence);
        fence.pass();
    }

    /** As if the nexus were lost and another came: SAM-6, 7.7. */
    private static void resetNexus(Nexus nexus, IntConsumer done) {
        var fence = new Fence(() -> done.accept(ScsiNexus.FUNCTION_COMPLETE));
        for (int lun = 0; lun < ScsiDevice.MAX_LUNS; lun++) {
            UnitNexus unit = nexus.unit(lun);
            if (unit != null) {
                unit.abortAll(Command.SILENTLY, fence);
                unit.raise(Asc.I_T_NEXUS_LOSS_OCCURRED);
            }
        }
        nexus.giveUpReserved();
        fence.pass();
    }

    private static void resetTarget(Nexus nexus, IntConsumer done) {
        List<LogicalUnit> units = new ArrayList<>();
        for (int lun = 0; lun < ScsiDevice.MAX_LUNS; lun++) {
            if (nexus.unit(lun) != null) {
                units.add(nexus.unit(lun).channel.unit);
            }
        }
        reset(nexus, units, done);
    }

    /** Logical unit resets: commands of every nexus end, what initiators set is forgotten, and each is told. SAM-6, 6.3.3. */
    private static void reset(Nexus nexus, List<LogicalUnit> units, IntConsumer done) {
        Reactor here = nexus.group.reactor;
        Round.all(nexus.group.all, (group, ended) -> {
            var fence = new Fence(ended);
            for (LogicalUnit unit : units) {
                group.each(unit, one -> reset(one, nexus, fence));
            }
            fence.pass();
        }, () -> forget(nexus, units, () -> here.execute(() -> done.accept(ScsiNexus.FUNCTION_COMPLETE))));
    }

    /** Modes and what RESERVE took are as they were at first; then {@code done} runs, on any reactor. */
    private static void forget(Nexus nexus, List<LogicalUnit> units, Runnable done) {
        var left = new AtomicInteger(units.size() + 1);
        IntConsumer oneLess = _ -> {
            if (left.decrementAndGet() == 0) {
                done.run();
            }
        };
        for (LogicalUnit unit : units) {
            unit.resetMode();
            unit.reservations().execute(nexus.name, new ReservationRequest.Reset(), oneLess);
        }
        oneLess.accept(0);
    }

    private static void reset(UnitNexus unit, Nexus by, Fence fence) {
        if (unit.nexus == by) {
            unit.abortAll(Command.SILENTLY, fence);
        } else {
            unit.abortForOthers(fence);
        }
        unit.raise(Asc.BUS_DEVICE_RESET_FUNCTION_OCCURRED);
    }
}
