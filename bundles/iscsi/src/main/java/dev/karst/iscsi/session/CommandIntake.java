package dev.karst.iscsi.session;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.iscsi.login.Parameters;
import dev.karst.spec.iscsi.Bhs;
import dev.karst.spec.iscsi.DataOut;
import dev.karst.spec.iscsi.Reject;
import dev.karst.spec.scsi.Asc;
import dev.karst.spec.scsi.SenseKey;

/**
 * From a SCSI Command PDU to a command that the device can execute: getting its data, which comes with it, without being asked for, or by
 * R2T. RFC 7143, 4.2.5.2, 11.4.7.2 and 11.7.
 */
@ReactorConfined
final class CommandIntake {
    private static final int LEAST_SPACE = 8192;
    /** There is room for whole blocks, if the initiator takes only a part of one. */
    private static final int BLOCK_MAX = 4096;

    private final Connection connection;
    private final Session session;
    private final Parameters parameters;
    private final int spaceBytes;
    /** Commands for which the initiator owes data. */
    private int awaitingData;
    /** When the initiator began to owe data, or last sent all of one sequence. */
    private long owedSinceNanos;

    CommandIntake(Connection connection) {
        this.connection = connection;
        session = connection.session();
        parameters = session.parameters();
        spaceBytes = spaceBytes(parameters);
    }

    /** Room that each request has for data that comes without being asked for. */
    static int spaceBytes(Parameters parameters) {
        return Math.max(LEAST_SPACE, parameters.firstBurst);
    }

    /** Whether the initiator has owed data for too long, whatever else it sends: the buffers for it are others' too. */
    boolean isOwedSince(long nanos) {
        return awaitingData > 0 && owedSinceNanos < nanos;
    }

    /** Whether the data of a request's own PDU is wanted; if not, it is dropped, and what is wrong comes out when its turn comes. */
    boolean takesData(Task task) {
        if (task.opcode != Bhs.SCSI_COMMAND) {
            task.fault = task.dataLength <= spaceBytes ? 0 : Asc.WRITE_ERROR_NOT_ENOUGH_UNSOLICITED_DATA;
        } else if (!task.isWrite() || !parameters.immediateData || task.dataLength > parameters.firstBurst) {
            task.fault = Asc.WRITE_ERROR_UNEXPECTED_UNSOLICITED_DATA;
        } else if (task.dataLength > task.edtl) {
            task.fault = Asc.WRITE_ERROR_NOT_ENOUGH_UNSOLICITED_DATA;
        }
        return task.fault == 0;
    }

    /** The turn of a command has come; the data of its own PDU is there. */
    void begin(Task task) {
        if (session.node().latencies(connection.group().reactor().id()) != null) {
            task.begunNanos = connection.group().clock().nanos();
        }
        boolean goesOn = (task.flags & Bhs.FINAL) == 0;
        if (task.isWrite() && goesOn) {
            connection.bygone().add(task.itt);
        }
        if (task.isRead() && task.isWrite()) {
            refuse(task, SenseKey.ILLEGAL_REQUEST, Asc.INVALID_COMMAND_OPERATION_CODE);
        } else if (task.fault != 0) {
            refuse(task, SenseKey.ABORTED_COMMAND, task.fault);
        } else if (task.corrupt) {
            refuse(task, SenseKey.ABORTED_COMMAND, Asc.PROTOCOL_SERVICE_CRC_ERROR);
        } else if (task.isWrite()) {
            beginWrite(task, goesOn);
        } else if (task.isRead()) {
            task.room = Math.min(task.edtl, Group.MAX_TRANSFER) + BLOCK_MAX - 1 & -BLOCK_MAX;
            task.takesZeros = true;
            task.takesView = !connection.parameters().dataDigest;
            place(task, task.room);
        } else if (task.edtl != 0) {
            connection.answers().reject(Reject.INVALID_PDU_FIELD, task.bhs());
            connection.requests().drop(task);
        } else {
            execute(task);
        }
    }

    private void beginWrite(Task task, boolean goesOn) {
        task.received = task.dataLength;
        task.asked = task.received;
        task.dataAddress = task.space;
        if (goesOn && parameters.initialR2t) {
            refuse(task, SenseKey.ABORTED_COMMAND, Asc.WRITE_ERROR_UNEXPECTED_UNSOLICITED_DATA);
        } else if (task.tooLong) {
            refuse(task, SenseKey.ILLEGAL_REQUEST, Asc.INVALID_FIELD_IN_CDB);
        } else if (goesOn) {
            task.unsolicited = true;
            task.burstEnd = Math.min(parameters.firstBurst, task.edtl);
            await(task);
        } else if (task.received == task.edtl) {
            execute(task);
        } else {
            place(task, task.edtl);
        }
    }

    /** Finds memory for so much data, then goes on. */
    private void place(Task task, int bytes) {
        if (bytes <= spaceBytes) {
            placed(task, task.space);
            return;
        }
        long buffer = connection.group().buffers().take(connection.share(), bytes);
        if (buffer == 0) {
            connection.group().counters().waitedForBuffer++;
            task.state = Task.State.WAITING;
            task.wait.bytes = bytes;
            connection.group().buffers().await(connection.share(), task.wait);
        } else {
            buffered(task, buffer);
        }
    }

    /** A command has its buffer. What of its data is there moves to it. */
    void buffered(Task task, long buffer) {
        task.buffer = buffer;
        if (task.received > 0) {
            Mem.copy(task.space, buffer, task.received);
        }
        placed(task, buffer);
    }

    private void placed(Task task, long address) {
        task.dataAddress = address;
        if (task.isWrite()) {
            await(task);
            solicit(task);
        } else {
            execute(task);
        }
    }

    private void await(Task task) {
        task.state = Task.State.AWAITING_DATA;
        if (awaitingData++ == 0) {
            owedSinceNanos = connection.group().reactor().nowNanos();
        }
    }

    /** Asks for as much of the rest as may be asked for at once. */
    private void solicit(Task task) {
        if (task.r2tsSent == task.r2tsDone) {
            beginBurst(task);
        }
        int most = Math.min(parameters.maxOutstandingR2t, Task.MAX_R2TS);
        while (task.asked < task.edtl && task.r2tsSent - task.r2tsDone < most) {
            int bytes = Math.min(parameters.maxBurst, task.edtl - task.asked);
            connection.answers().r2t(task, bytes);
            task.asked += bytes;
            task.r2tsSent++;
        }
    }

    private void beginBurst(Task task) {
        task.dataSn = 0;
        task.burstEnd = Math.min(task.edtl, task.received + parameters.maxBurst);
    }

    /** Data that was asked for, or that comes without. Gives the command that it belongs to; null when it is nobody's. */
    Task dataOut(long pdu, int dataLength) {
        int itt = (int) Bhs.ITT.get(pdu);
        int tag = (int) DataOut.TTT.get(pdu);
        Task task = connection.requests().tasks().byItt(itt);
        if (task == null || task.state != Task.State.AWAITING_DATA) {
            if (!connection.bygone().has(itt)) {
                connection.answers().reject(Reject.INVALID_PDU_FIELD, pdu);
            }
            return null;
        }
        boolean solicited = tag != Bhs.NO_TAG;
        if (solicited == task.unsolicited || solicited && (tag != task.transferTag() || Bhs.LUN.get(pdu) != task.lun)) {
            connection.answers().reject(Reject.INVALID_PDU_FIELD, pdu);
            return null;
        }
        int end = task.received + dataLength;
        boolean last = (Bhs.FLAGS.get(pdu) & Bhs.FINAL) != 0;
        boolean inOrder = (int) DataOut.DATASN.get(pdu) == task.dataSn && DataOut.BUFFER_OFFSET.get(pdu) == task.received;
        boolean fits = end <= task.burstEnd && (last ? end == task.burstEnd || task.unsolicited : end < task.burstEnd);
        if (!inOrder || !fits) {
            refuse(task, SenseKey.ABORTED_COMMAND, Asc.WRITE_ERROR_NOT_ENOUGH_UNSOLICITED_DATA);
            return null;
        }
        task.dataSn++;
        task.flags = last ? task.flags | Bhs.FINAL : task.flags & ~Bhs.FINAL;
        if (dataLength == 0) {
            dataEnded(task);
            return null;
        }
        connection.receiver().target(task.dataAddress + task.received);
        task.received = end;
        return task;
    }

    /** The data of a Data-Out PDU has come. */
    void dataEnded(Task task) {
        if ((task.flags & Bhs.FINAL) == 0) {
            return;
        }
        owedSinceNanos = connection.group().reactor().nowNanos();
        if (task.unsolicited) {
            task.unsolicited = false;
            task.asked = task.received;
        } else {
            task.r2tsDone++;
            beginBurst(task);
        }
        if (task.received < task.edtl) {
            goOn(task);
        } else if (task.corrupt) {
            refuse(task, SenseKey.ABORTED_COMMAND, Asc.PROTOCOL_SERVICE_CRC_ERROR);
        } else {
            execute(task);
        }
    }

    private void goOn(Task task) {
        if (task.buffer == 0 && task.edtl > spaceBytes) {
            leaveAwaiting(task);
            place(task, task.edtl);
        } else {
            solicit(task);
        }
    }

    /** All that the command needs is there. */
    private void execute(Task task) {
        leaveAwaiting(task);
        task.sent = task.received;
        int bytes = task.sent + task.room;
        if (bytes > 0) {
            task.data.set(task.dataAddress, bytes);
        }
        task.state = Task.State.EXECUTING;
        connection.requests().executes();
        session.nexus().execute(task);
    }

    /** Ends a command that the device cannot execute. Data of it that comes later is nobody's. */
    private void refuse(Task task, int key, int asc) {
        forget(task);
        task.state = Task.State.EXECUTING;
        connection.requests().executes();
        session.nexus().refuse(task, key, asc);
    }

    /** The command is to end before it was executed: data of it that comes later is nobody's. */
    void forget(Task task) {
        if (task.state == Task.State.WAITING) {
            connection.group().buffers().cancel(connection.share(), task.wait);
        } else if (task.state == Task.State.AWAITING_DATA) {
            connection.bygone().add(task.itt);
            leaveAwaiting(task);
        }
    }

    private void leaveAwaiting(Task task) {
        if (task.state == Task.State.AWAITING_DATA) {
            awaitingData--;
            owedSinceNanos = connection.group().reactor().nowNanos();
            task.state = Task.State.EXECUTING;
        }
    }
}
