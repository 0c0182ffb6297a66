package dev.karst.scsi.core.copy;

import dev.karst.base.Status;
import dev.karst.bdev.IoType;
import dev.karst.scsi.ScsiDevice;
import dev.karst.scsi.core.copy.CopyList.Segment;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.CommandSet;
import dev.karst.scsi.core.model.CopyStatus;
import dev.karst.scsi.core.model.Operation;
import dev.karst.scsi.core.model.UnitChannel;
import dev.karst.scsi.core.model.UnitNexus;
import dev.karst.scsi.core.model.Workspace;
import dev.karst.scsi.core.primary.Designators;
import dev.karst.spec.scsi.Asc;
import dev.karst.spec.scsi.ScsiStatus;
import dev.karst.spec.scsi.SenseKey;

/**
 * An EXTENDED COPY on its way: segment after segment, a buffer at a time, read from one logical unit and written to the other. It
 * sees only logical units of its own nexus. Whether reservations let it is asked for each buffer.
 */
final class CopyJob {
    private static final CommandSet.Step THEN_READ = CopyJob::thenRead;
    private static final CommandSet.Step THEN_WRITE = CopyJob::thenWrite;
    private static final CommandSet.Step THEN_GO_ON = CopyJob::thenGoOn;

    private static final int FINE = -1;
    /** A range that does not lie within its unit. */
    private static final int NO_MORE_TO_SAY = Asc.NO_ADDITIONAL_SENSE_INFORMATION;

    private final Command command;
    private final CopyList list;
    private int index;
    private Segment segment;
    private UnitNexus source;
    private UnitNexus target;
    private long done;
    private long written;

    private CopyJob(Command command, CopyList list) {
        this.command = command;
        this.list = list;
    }

    /** Begins a copy whose list has been checked. */
    static void begin(Command command, CopyList list) {
        command.job = new CopyJob(command, list);
        command.nexus.group.workspace.lend(command, THEN_READ);
    }

    private static CopyJob of(Command command) {
        return (CopyJob) command.job;
    }

    private void abort(int asc) {
        leave(true);
        command.fail(SenseKey.COPY_ABORTED, asc);
    }

    /** Whether the last step was the last of all, and the command has ended. */
    private boolean isOver(int status) {
        if (status == Status.OK && !command.isAborted()) {
            return false;
        }
        leave(true);
        command.nexus.group.commands.ended(command, status == Status.OK ? Status.ABORTED : status);
        return true;
    }

    private void leave(boolean failed) {
        command.stayHome();
        command.unit.copied = list.isForgotten() ? null
            : new CopyStatus(list.identifier(), failed, failed ? Math.max(0, index - 1) : index, written);
    }

    private static void thenRead(Command command, int status) {
        CopyJob job = of(command);
        if (!job.isOver(status)) {
            job.read();
        }
    }

    /** Reads the next part, of the next segment if this one is done. */
    private void read() {
        while (segment == null || done == segment.blocks()) {
            if (index == list.segments()) {
                leave(false);
                command.succeed();
                return;
            }
            segment = list.segment(index++);
            done = 0;
            int problem = open();
            if (problem != FINE) {
                abort(problem);
                return;
            }
        }
        if ((source.denied & Operation.READ) != 0) {
            leave(true);
            command.finish(ScsiStatus.RESERVATION_CONFLICT);
            return;
        }
        submit(source, IoType.READ, segment.sourceBlock() + done, THEN_WRITE);
    }

    private void submit(UnitNexus unit, IoType type, long block, CommandSet.Step then) {
        UnitChannel channel = unit.channel;
        if (channel.isClosed()) {
            abort(Asc.COPY_TARGET_DEVICE_NOT_REACHABLE);
            return;
        }
        command.type = type;
        command.offsetBlocks = block;
        command.blocks = Math.min(segment.blocks() - done, Workspace.BUFFER_BYTES >> channel.blockShift);
        command.data.set(command.buffer, (int) command.blocks << channel.blockShift);
        command.step = then;
        command.visit(channel);
        channel.submit(command);
    }

    private static void thenWrite(Command command, int status) {
        CopyJob job = of(command);
        if (!job.isOver(status)) {
            job.write();
        }
    }

    private void write() {
        if ((target.denied & Operation.WRITE) != 0) {
            leave(true);
            command.finish(ScsiStatus.RESERVATION_CONFLICT);
        } else {
            submit(target, IoType.WRITE, segment.targetBlock() + done, THEN_GO_ON);
        }
    }

    private static void thenGoOn(Command command, int status) {
        CopyJob job = of(command);
        if (!job.isOver(status)) {
            job.done += command.blocks;
            job.written += command.blocks << job.target.channel.blockShift;
            job.read();
        }
    }

    /** Finds the units of the segment; gives what is wrong, as additional sense code, or {@link #FINE}. */
    private int open() {
        source = find(segment.source());
        target = find(segment.target());
        if (source == null || target == null || isSanitized(source) || isSanitized(target)) {
            return Asc.COPY_TARGET_DEVICE_NOT_REACHABLE;
        } else if (!source.channel.contains(segment.sourceBlock(), segment.blocks())
            || !target.channel.contains(segment.targetBlock(), segment.blocks())) {
            return NO_MORE_TO_SAY;
        } else if (target.channel.readOnly || target.channel.unit.mode().writeProtected()) {
            return Asc.WRITE_PROTECTED;
        }
        boolean fits = source.channel.blockShift == target.channel.blockShift
            && list.blockBytes(segment.source()) == 1 << source.channel.blockShift
            && list.blockBytes(segment.target()) == 1 << target.channel.blockShift;
        return fits ? FINE : Asc.INVALID_OPERATION_FOR_COPY_SOURCE_OR_DESTINATION;
    }

    private static boolean isSanitized(UnitNexus unit) {
        return unit.channel.unit.sanitizer.isRefusing();
    }

    private UnitNexus find(int descriptor) {
        if (descriptor >= list.targets()) {
            return null;
        }
        int type = list.designatorType(descriptor);
        byte[] designator = list.designator(descriptor);
        for (int lun = 0; lun < ScsiDevice.MAX_LUNS; lun++) {
            UnitNexus unit = command.nexus.unit(lun);
            if (unit != null && Designators.isOf(unit.channel.unit.uuid(), type, designator)) {
                return unit;
            }
        }
        return null;
    }
}
