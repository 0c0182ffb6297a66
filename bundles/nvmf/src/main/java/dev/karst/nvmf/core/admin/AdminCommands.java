package dev.karst.nvmf.core.admin;

import dev.karst.nvmf.core.model.Command;
import dev.karst.nvmf.core.model.CommandSet;
import dev.karst.nvmf.core.model.Controller;
import dev.karst.nvmf.core.model.TargetQueue;
import dev.karst.spec.nvme.AbortCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Property;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvmf.FabricsCommand;
import dev.karst.spec.nvmf.PropertyCommand;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** The commands of an admin queue, and the Fabrics commands of every queue. NVMe Base 2.1, 5 and 6. */
public final class AdminCommands extends CommandSet {
    private static final Logger LOG = System.getLogger(AdminCommands.class.getName());
    private static final int INVALID_FIELD = NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
    private static final int SEQUENCE_ERROR = NvmeStatus.COMMAND_SEQUENCE_ERROR | NvmeStatus.DNR;
    private static final int INVALID_OPCODE = NvmeStatus.INVALID_COMMAND_OPCODE | NvmeStatus.DNR;
    private static final int NOT_ABORTED = 1;

    /** {@inheritDoc} A fault of ours fails this command alone. */
    @Override
    public void execute(Command command) {
        try {
            dispatch(command);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "an admin command failed; report this", e);
            if (command.busy) {
                command.finish(NvmeStatus.INTERNAL_ERROR);
            }
        }
    }

    @Override
    public void ended(Command command, int status) {
        throw new AssertionError("no admin command does block I/O");
    }

    private static void dispatch(Command command) {
        int opcode = Sqe.OPC.get(command.sqe());
        if (!command.queue.isConnected() && !isConnect(command.sqe())) {
            command.finish(SEQUENCE_ERROR);
            return;
        }
        int status = checkFlags(command.sqe());
        if (status != NvmeStatus.SUCCESSFUL_COMPLETION) {
            command.finish(opcode == Opcode.FABRICS ? INVALID_FIELD : status);
        } else if (opcode == Opcode.FABRICS) {
            fabrics(command);
        } else if (!command.queue.controller().isReady()) {
            command.finish(SEQUENCE_ERROR);
        } else {
            admin(command, opcode, command.queue.controller());
        }
    }

    private static boolean isConnect(long sqe) {
        return Sqe.OPC.get(sqe) == Opcode.FABRICS && FabricsCommand.FCTYPE.get(sqe) == FabricsCommand.CONNECT;
    }

    /** What holds for every command of an admin queue: its data is described by an SGL, and it is not fused. */
    private static int checkFlags(long sqe) {
        int psdt = Sqe.PSDT.get(sqe);
        boolean described = psdt == Sqe.PSDT_SGL || psdt == Sqe.PSDT_SGL_METADATA;
        return described && Sqe.FUSE.get(sqe) == 0 ? NvmeStatus.SUCCESSFUL_COMPLETION : INVALID_FIELD;
    }

    private static void fabrics(Command command) {
        int type = FabricsCommand.FCTYPE.get(command.sqe());
        if (type == FabricsCommand.CONNECT) {
            Connect.execute(command);
        } else if (type == FabricsCommand.PROPERTY_GET && command.queue.isAdmin()) {
            getProperty(command);
        } else if (type == FabricsCommand.PROPERTY_SET && command.queue.isAdmin()) {
            setProperty(command);
        } else {
            command.finish(INVALID_FIELD);
        }
    }

    private static void getProperty(Command command) {
        int size = PropertyCommand.ATTRIB.get(command.sqe());
        long value = -1;
        if (size <= PropertyCommand.ATTRIB_8_BYTES) {
            int offset = PropertyCommand.OFST.getInt(command.sqe());
            value = command.queue.controller().property(offset, size == PropertyCommand.ATTRIB_8_BYTES);
        }
        if (value == -1) {
            command.finish(INVALID_FIELD);
        } else {
            command.succeed(value);
        }
    }

    private static void setProperty(Command command) {
        long sqe = command.sqe();
        boolean isCc = PropertyCommand.ATTRIB.get(sqe) == PropertyCommand.ATTRIB_4_BYTES
            && PropertyCommand.OFST.get(sqe) == Property.CC;
        if (!isCc) {
            command.finish(INVALID_FIELD);
            return;
        }
        command.queue.controller().configure((int) PropertyCommand.VALUE.get(sqe));
        command.succeed(0);
    }

    private static void admin(Command command, int opcode, Controller controller) {
        boolean mayWait = opcode != Opcode.ADMIN_KEEP_ALIVE && opcode != Opcode.ADMIN_ASYNC_EVENT_REQUEST
            && opcode != Opcode.ADMIN_ABORT;
        if (controller.subsystem.isPaused() && mayWait) {
            controller.hold(command);
            return;
        }
        switch (opcode) {
            case Opcode.ADMIN_IDENTIFY -> IdentifyPages.execute(command, controller);
            case Opcode.ADMIN_GET_LOG_PAGE -> LogPages.execute(command, controller);
            case Opcode.ADMIN_GET_FEATURES -> getFeature(command, controller);
            case Opcode.ADMIN_SET_FEATURES -> setFeature(command, controller);
            case Opcode.ADMIN_ASYNC_EVENT_REQUEST -> controller.events.hold(command);
            case Opcode.ADMIN_ABORT -> abort(command, controller);
            case Opcode.ADMIN_KEEP_ALIVE -> {
                controller.keepAlive();
                command.succeed(0);
            }
            default -> command.finish(INVALID_OPCODE);
        }
    }

    private static void getFeature(Command command, Controller controller) {
        if (ReservationFeatures.has(command, controller)) {
            ReservationFeatures.get(command, controller);
        } else {
            controller.features.get(command);
        }
    }

    private static void setFeature(Command command, Controller controller) {
        if (ReservationFeatures.has(command, controller)) {
            ReservationFeatures.set(command, controller);
        } else {
            controller.features.set(command);
        }
    }

    private static void abort(Command command, Controller controller) {
        int queueId = AbortCommand.SQID.get(command.sqe());
        int cid = AbortCommand.CID.get(command.sqe());
        TargetQueue queue = controller.ioQueue(queueId);
        if (queueId == 0) {
            Command victim = command.queue.outstanding(cid);
            boolean ended = victim != null && victim != command
                && (controller.events.abort(victim) || command.queue.abort(victim));
            command.succeed(ended ? 0 : NOT_ABORTED);
        } else if (queue == null) {
            command.succeed(NOT_ABORTED);
        } else if (!controller.beginAbort()) {
            command.finish(NvmeStatus.ABORT_COMMAND_LIMIT_EXCEEDED | NvmeStatus.DNR);
        } else {
            queue.group.reactor.execute(() -> abortThere(command, controller, queue, cid));
        }
    }

    private static void abortThere(Command command, Controller controller, TargetQueue queue, int cid) {
        Command victim = queue.outstanding(cid);
        boolean ended = victim != null && queue.abort(victim);
        controller.reactor().execute(() -> {
            controller.endAbort();
            command.succeed(ended ? 0 : NOT_ABORTED);
        });
    }
}
