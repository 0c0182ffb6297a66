package dev.karst.scsi.core.command;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.scsi.core.copy.CopyCommands;
import dev.karst.scsi.core.mode.ModeSelect;
import dev.karst.scsi.core.mode.ModeSense;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.CommandSet;
import dev.karst.scsi.core.model.Operation;
import dev.karst.scsi.core.model.UnitNexus;
import dev.karst.scsi.core.primary.Inquiry;
import dev.karst.scsi.core.primary.LogSense;
import dev.karst.scsi.core.primary.PersistentReserveIn;
import dev.karst.scsi.core.primary.PersistentReserveOut;
import dev.karst.scsi.core.primary.PortGroups;
import dev.karst.scsi.core.primary.ReserveCommands;
import dev.karst.scsi.core.primary.SupportedOperations;
import dev.karst.scsi.core.primary.UnitCommands;
import dev.karst.spec.scsi.Asc;
import dev.karst.spec.scsi.Opcode;
import dev.karst.spec.scsi.ScsiStatus;
import dev.karst.spec.scsi.SenseKey;
import java.util.ArrayList;
import java.util.stream.Stream;

/** The table of commands: finds what a CDB asks for, and whether it may be executed now. */
@ReactorConfined
public final class Commands extends CommandSet {
    private static final int OPCODES = 256;
    private static final int ACTIONS = 32;
    private static final int ACTION_MASK = ACTIONS - 1;
    private static final int ACTION_BIT = 4;

    private final Operation[] byOpcode = new Operation[OPCODES];
    private final Operation[][] byAction = new Operation[OPCODES][];

    public Commands() {
        var all = new ArrayList<Operation>();
        Stream.of(
                UnitCommands.operations(), Inquiry.operations(), PortGroups.operations(),
                new SupportedOperations(all).operations(), LogSense.operations(), ReserveCommands.operations(),
                PersistentReserveIn.operations(), PersistentReserveOut.operations(), ModeSense.operations(),
                ModeSelect.operations(), Capacities.operations(), Transfers.operations(), Caches.operations(),
                Verifies.operations(), WriteSame.operations(), Unmap.operations(), CompareAndWrite.operations(),
                OrWrite.operations(), Media.operations(), GetLbaStatus.operations(), CopyCommands.operations(),
                Sanitize.operations())
            .forEach(all::addAll);
        for (Operation operation : all) {
            if (operation.action < 0) {
                byOpcode[operation.opcode] = operation;
            } else {
                if (byAction[operation.opcode] == null) {
                    byAction[operation.opcode] = new Operation[ACTIONS];
                }
                byAction[operation.opcode][operation.action] = operation;
            }
        }
    }

    @Override
    public void execute(Command command) {
        Operation operation = find(command);
        if (operation == null) {
            return;
        }
        UnitNexus unit = command.unit;
        command.operation = operation;
        if (!unit.attentions.isEmpty() && !operation.passesAttention) {
            command.fail(SenseKey.UNIT_ATTENTION, unit.attentions.take());
        } else if ((operation.kind & unit.denied) != 0) {
            command.finish(ScsiStatus.RESERVATION_CONFLICT);
        } else if (unit.channel.unit.sanitizer.isRefusing() && !unit.channel.unit.sanitizer.admits(operation)) {
            unit.channel.unit.sanitizer.beginSense(command.task.sense, unit.channel.unit.mode().descriptorSense());
            command.check();
        } else {
            operation.execute(command);
        }
    }

    /** What the CDB asks for; null when there is none such, and the command has ended. */
    private Operation find(Command command) {
        long cdb = command.cdb();
        int opcode = Mem.getU8(cdb);
        Operation operation = byOpcode[opcode];
        if (operation == null && byAction[opcode] != null) {
            operation = byAction[opcode][Mem.getU8(cdb + 1) & ACTION_MASK];
            if (operation == null) {
                command.invalidField(1, ACTION_BIT);
                return null;
            }
        }
        if (operation == null || command.task.cdbBytes < operation.length()) {
            command.fail(SenseKey.ILLEGAL_REQUEST, Asc.INVALID_COMMAND_OPERATION_CODE);
            return null;
        }
        return operation;
    }

    @Override
    public void executeWithoutUnit(Command command) {
        int opcode = Mem.getU8(command.cdb());
        if (opcode == Opcode.INQUIRY || opcode == Opcode.REPORT_LUNS || opcode == Opcode.REQUEST_SENSE) {
            byOpcode[opcode].execute(command);
        } else {
            command.fail(SenseKey.ILLEGAL_REQUEST, Asc.LOGICAL_UNIT_NOT_SUPPORTED);
        }
    }

    @Override
    public void ended(Command command, int status) {
        Outcome.end(command, status);
    }
}
