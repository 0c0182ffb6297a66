package dev.karst.iscsi.session;

import dev.karst.base.ReactorConfined;
import dev.karst.scsi.ScsiDevice;
import dev.karst.scsi.ScsiNexus.Management;
import dev.karst.spec.iscsi.Bhs;
import dev.karst.spec.iscsi.Reject;
import dev.karst.spec.iscsi.ScsiCommand;
import dev.karst.spec.scsi.ScsiStatus;

/** The requests of a connection in its full feature phase: from their PDUs, in the order of the session, to the end of each. */
@ReactorConfined
final class Requests {
    /** Requests for immediate delivery at once. */
    private static final int MAX_IMMEDIATE = 16;

    private final Connection connection;
    private final Session session;
    private final TaskTable tasks;
    private final CommandIntake intake;
    private final TextPhase texts;
    private final TaskManagement management;
    /** The request whose data the receiver takes in now, or null when it drops some. */
    private Task receiving;
    /** Requests that the device has. */
    private int executing;
    /** Requests for immediate delivery that are not answered. */
    private int immediates;

    Requests(Connection connection) {
        this.connection = connection;
        session = connection.session();
        int space = CommandIntake.spaceBytes(session.parameters());
        tasks = new TaskTable(connection, CommandWindow.MAX_DEPTH + MAX_IMMEDIATE, space);
        intake = new CommandIntake(connection);
        texts = new TextPhase(connection);
        management = new TaskManagement(connection);
    }

    TaskTable tasks() {
        return tasks;
    }

    CommandIntake intake() {
        return intake;
    }

    /** Requests that the device has. */
    int executing() {
        return executing;
    }

    /** A PDU's header has come; its data, if any, comes next. */
    void pdu(long pdu, int dataLength) {
        receiving = null;
        switch (Bhs.OPCODE.get(pdu)) {
            case Bhs.SCSI_COMMAND, Bhs.NOP_OUT, Bhs.TASK_REQUEST, Bhs.TEXT_REQUEST, Bhs.LOGOUT_REQUEST -> request(pdu, dataLength);
            case Bhs.DATA_OUT -> receiving = intake.dataOut(pdu, dataLength);
            case Bhs.SNACK, Bhs.LOGIN_REQUEST -> connection.answers().reject(Reject.PROTOCOL_ERROR, pdu);
            default -> connection.answers().reject(Reject.COMMAND_NOT_SUPPORTED, pdu);
        }
    }

    /** A request that has a command sequence number. */
    private void request(long pdu, int dataLength) {
        boolean immediate = Bhs.I.get(pdu) != 0;
        int cmdSn = (int) ScsiCommand.CMDSN.get(pdu);
        if (!immediate && !session.window().admits(cmdSn)) {
            connection.group().counters().ignored++;
            return;
        }
        if (Bhs.OPCODE.get(pdu) == Bhs.NOP_OUT && (int) Bhs.ITT.get(pdu) == Bhs.NO_TAG) {
            connection.nopIns().answered(pdu);
            skip(immediate, cmdSn);
            return;
        }
        int reason = refusal(pdu, immediate);
        Task task = reason != 0 ? null : tasks.take();
        if (task == null) {
            connection.answers().reject(reason == 0 ? Reject.IMMEDIATE_COMMAND_REJECT : reason, pdu);
            skip(immediate, cmdSn);
            return;
        }
        task.begin(pdu, dataLength);
        tasks.enter(task);
        immediates += immediate ? 1 : 0;
        task.state = Task.State.RECEIVING;
        if (dataLength == 0) {
            arrived(task);
        } else {
            receiving = task;
            connection.receiver().target(intake.takesData(task) ? task.space : 0);
        }
    }

    /** Why there cannot be such a request, or 0. */
    private int refusal(long pdu, boolean immediate) {
        int itt = (int) Bhs.ITT.get(pdu);
        if (itt == Bhs.NO_TAG) {
            return Reject.INVALID_PDU_FIELD;
        } else if (session.isDiscovery() && isForDevice(Bhs.OPCODE.get(pdu))) {
            return Reject.PROTOCOL_ERROR;
        } else if (tasks.byItt(itt) != null) {
            return Reject.TASK_IN_PROGRESS;
        }
        return immediate && immediates >= MAX_IMMEDIATE ? Reject.IMMEDIATE_COMMAND_REJECT : 0;
    }

    private static boolean isForDevice(int opcode) {
        return opcode == Bhs.SCSI_COMMAND || opcode == Bhs.TASK_REQUEST;
    }

    /** A request is not done, so that those behind it must not wait for it. */
    private void skip(boolean immediate, int cmdSn) {
        if (!immediate) {
            session.window().skip(cmdSn);
            session.advance();
        }
    }

    /** The data of the PDU has come; its digest, if it has one, is right or not. */
    void dataEnded(boolean right) {
        Task task = receiving;
        receiving = null;
        if (task == null) {
            return;
        }
        if (!right) {
            connection.group().counters().digestErrors++;
            connection.answers().reject(Reject.DATA_DIGEST_ERROR, task.bhs());
            task.corrupt = true;
        }
        if (task.state == Task.State.RECEIVING) {
            arrived(task);
        } else {
            intake.dataEnded(task);
        }
    }

    private void arrived(Task task) {
        if (task.immediate) {
            begin(task);
        } else {
            task.state = Task.State.HELD;
            session.arrived(task);
        }
    }

    /** The turn of a request that is there as a whole. */
    void begin(Task task) {
        task.state = Task.State.EXECUTING;
        switch (task.opcode) {
            case Bhs.SCSI_COMMAND -> intake.begin(task);
            case Bhs.NOP_OUT -> connection.answers().nopIn(task, Math.min(task.dataLength, connection.parameters().initiatorMaxRecv));
            case Bhs.TASK_REQUEST -> management.begin(task);
            case Bhs.TEXT_REQUEST -> texts.begin(task);
            default -> Logout.begin(connection, task);
        }
    }

    /** The device gets a command. */
    void executes() {
        executing++;
    }

    /** The device is done with a command. */
    void cameBack() {
        executing--;
    }

    /** The device has the answer to a command. */
    void respond(Task task) {
        cameBack();
        if (connection.isEnding()) {
            drop(task);
            connection.releaseIfAlone();
        } else {
            task.state = Task.State.RESPONDING;
            connection.answers().respond(task);
        }
    }

    /** A command was aborted: nothing is said about it. */
    void aborted(Task task) {
        cameBack();
        drop(task);
        connection.releaseIfAlone();
    }

    /** Ends those commands of a logical unit, -1 for all, that wait for memory or data: with TASK ABORTED, or without a word. */
    void abortWaiting(int lun, boolean told) {
        for (int slot = 0; slot < tasks.size(); slot++) {
            Task task = tasks.at(slot);
            boolean waits = task.state == Task.State.WAITING || task.state == Task.State.AWAITING_DATA;
            if (waits && (lun < 0 || ScsiDevice.number(task.lun) == lun)) {
                abortWaiting(task, told);
            }
        }
    }

    /** Ends one of them. */
    void abortWaiting(Task task, boolean told) {
        intake.forget(task);
        if (told && !connection.isEnding()) {
            stopReceiving(task);
            task.state = Task.State.RESPONDING;
            task.status = ScsiStatus.TASK_ABORTED;
            connection.answers().respond(task);
        } else {
            drop(task);
        }
    }

    /** What still comes of the PDU that is being received is not for this request. */
    private void stopReceiving(Task task) {
        if (task == receiving) {
            receiving = null;
            connection.receiver().target(0);
        }
    }

    /** The buffers gave a waiting command its memory. */
    void buffered(Task task, long buffer) {
        intake.buffered(task, buffer);
    }

    /** A request is done: its answer has been sent, or nobody wants one. */
    void drop(Task task) {
        long buffer = task.buffer;
        task.buffer = 0;
        stopReceiving(task);
        task.view.release();
        tasks.leave(task);
        task.state = Task.State.LEFT;
        freeIfLeft(task);
        if (buffer != 0) {
            connection.group().buffers().give(connection.share(), buffer);
        }
    }

    /** Frees what was dropped once nothing is sent from its memory any more. */
    void freeIfLeft(Task task) {
        if (task.state == Task.State.LEFT && (task.r2tsOut == 0 || connection.isClosed())) {
            session.answered(task);
            immediates -= task.immediate ? 1 : 0;
            task.r2tsOut = 0;
            task.state = Task.State.FREE;
            tasks.give(task);
        }
    }

    /** Those that wait leave the line first, so that no buffer given back goes to a request of this connection. */
    void dropUnfinished() {
        receiving = null;
        connection.group().buffers().cancel(connection.share());
        for (int slot = 0; slot < tasks.size(); slot++) {
            Task task = tasks.at(slot);
            boolean unfinished = switch (task.state) {
                case RECEIVING, WAITING, AWAITING_DATA -> true;
                case HELD -> {
                    session.window().skip(task.cmdSn);
                    yield true;
                }
                case RESPONDING -> connection.isClosed();
                case FREE, EXECUTING, LEFT -> false;
            };
            if (unfinished) {
                drop(task);
            }
            freeIfLeft(task);
        }
    }

    /** Aborts what the device has. */
    void abortAll() {
        for (int slot = 0; slot < tasks.size(); slot++) {
            Task task = tasks.at(slot);
            if (task.state == Task.State.EXECUTING && task.opcode == Bhs.SCSI_COMMAND) {
                session.nexus().manage(Management.ABORT_TASK, task.lun, task, _ -> { });
            }
        }
    }
}
