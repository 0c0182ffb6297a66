package dev.karst.nvmf.core.admin;

import dev.karst.nvmf.TransportOptions;
import dev.karst.nvmf.core.model.Command;
import dev.karst.nvmf.core.model.ConnectFields;
import dev.karst.nvmf.core.model.Controller;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.nvmf.core.model.SubsystemGroup;
import dev.karst.nvmf.core.model.TargetQueue;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvmf.ConnectCommand;
import dev.karst.spec.nvmf.ConnectData;

/**
 * The Connect command: turns a connection into a queue of a controller, on the connection's reactor. For an I/O queue
 * the controller's reactor is asked in between. No status says Do Not Retry: a subsystem that is not there may be there
 * soon.
 */
public final class Connect {
    private static final int HALF = 32;
    /** The outcome when there is no subsystem of that name. */
    private static final long NO_SUBSYSTEM = ConnectFields.invalidData(ConnectData.SUBNQN.offset());

    private Connect() {}

    public static void execute(Command command) {
        if (command.queue.isConnected()) {
            command.finish(NvmeStatus.COMMAND_SEQUENCE_ERROR | NvmeStatus.DNR);
            return;
        } else if (command.request.length < ConnectData.BYTES) {
            command.finish(NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR);
            return;
        }
        long data = command.queue.group.page;
        command.request.data.copyTo(0, data, ConnectData.BYTES);
        ConnectFields fields = ConnectFields.read(command.sqe(), data);
        long outcome = check(command.queue, fields);
        if (outcome != NvmeStatus.SUCCESSFUL_COMPLETION) {
            refuse(command, fields, outcome);
        } else if (fields.qid() == 0) {
            connectAdmin(command, fields);
        } else {
            connectIo(command, fields);
        }
    }

    private static long check(TargetQueue queue, ConnectFields fields) {
        if (fields.recfmt() != 0) {
            return NvmeStatus.CONNECT_INCOMPATIBLE_FORMAT;
        }
        TransportOptions options = queue.connection.options();
        int most = fields.qid() == 0 ? options.maxAdminQueueDepth() : options.maxQueueDepth();
        if (fields.sqsize() == 0 || fields.sqsize() >= most) {
            return ConnectFields.invalid(ConnectCommand.SQSIZE.offset());
        } else if (fields.subNqn() == null) {
            return ConnectFields.invalidData(ConnectData.SUBNQN.offset());
        } else if (fields.hostNqn() == null) {
            return ConnectFields.invalidData(ConnectData.HOSTNQN.offset());
        }
        return checkAccess(queue, fields);
    }

    private static long checkAccess(TargetQueue queue, ConnectFields fields) {
        Subsystem subsystem = queue.group.target.subsystem(fields.subNqn());
        if (subsystem == null) {
            return NO_SUBSYSTEM;
        } else if (!subsystem.admits(fields.hostNqn()) || !subsystem.isReachedAt(queue.connection.listener())) {
            return NvmeStatus.CONNECT_INVALID_HOST;
        }
        return NvmeStatus.SUCCESSFUL_COMPLETION;
    }

    private static void refuse(Command command, ConnectFields fields, long outcome) {
        TargetQueue queue = command.queue;
        queue.group.target.refused(queue.connection, fields, (int) outcome);
        long told = outcome == NvmeStatus.CONNECT_INVALID_HOST && isSecret(queue, fields) ? NO_SUBSYSTEM : outcome;
        queue.finish(command, (int) told, told >>> HALF, 0);
    }

    /** Whether the host shall not learn that there is a subsystem of that name. */
    private static boolean isSecret(TargetQueue queue, ConnectFields fields) {
        Subsystem subsystem = queue.group.target.subsystem(fields.subNqn());
        return subsystem == null || subsystem.hidesFrom(fields.hostNqn(), queue.connection.listener());
    }

    private static void connectAdmin(Command command, ConnectFields fields) {
        TargetQueue queue = command.queue;
        if (fields.cntlid() != ConnectData.CNTLID_ANY) {
            refuse(command, fields, ConnectFields.invalidData(ConnectData.CNTLID.offset()));
            return;
        }
        Subsystem subsystem = queue.group.target.subsystem(fields.subNqn());
        Controller controller = subsystem == null ? null : subsystem.newController(fields, queue);
        if (controller == null) {
            refuse(command, fields, NvmeStatus.CONNECT_CONTROLLER_BUSY);
            return;
        }
        long stillAllowed = checkAccess(queue, fields);
        if (stillAllowed != NvmeStatus.SUCCESSFUL_COMPLETION) {
            controller.discard();
            subsystem.gone(controller);
            refuse(command, fields, stillAllowed);
            return;
        }
        queue.connected(controller, 0, fields.sqsize() + 1, fields.flowControl(), null);
        command.succeed(controller.cntlid);
    }

    private static void connectIo(Command command, ConnectFields fields) {
        Subsystem subsystem = command.queue.group.target.subsystem(fields.subNqn());
        Controller controller = subsystem == null ? null : subsystem.controller(fields.cntlid());
        if (controller == null || subsystem.discovery) {
            refuse(command, fields, subsystem != null && subsystem.discovery
                ? ConnectFields.invalid(ConnectCommand.QID.offset())
                : ConnectFields.invalidData(ConnectData.CNTLID.offset()));
            return;
        } else if (!controller.hostNqn.equals(fields.hostNqn())) {
            refuse(command, fields, NvmeStatus.CONNECT_INVALID_HOST);
            return;
        } else if (!controller.hostId.equals(fields.hostId())) {
            refuse(command, fields, ConnectFields.invalidData(ConnectData.HOSTID.offset()));
            return;
        }
        controller.admit(command.queue, fields.qid(), outcome -> admitted(command, fields, controller, outcome));
    }

    private static void admitted(Command command, ConnectFields fields, Controller controller, long outcome) {
        TargetQueue queue = command.queue;
        if (outcome != NvmeStatus.SUCCESSFUL_COMPLETION) {
            refuse(command, fields, outcome);
        } else if (queue.isClosing() || queue.isConnected()) {
            controller.reactor().execute(() -> controller.withdraw(fields.qid()));
            command.finish(queue.isClosing() ? NvmeStatus.ABORTED_SQ_DELETION : NvmeStatus.COMMAND_SEQUENCE_ERROR);
        } else {
            SubsystemGroup namespaces = queue.group.enter(controller.subsystem);
            queue.connected(controller, fields.qid(), fields.sqsize() + 1, fields.flowControl(), namespaces);
            command.succeed(controller.cntlid);
        }
    }
}
