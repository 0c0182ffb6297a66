package dev.karst.iscsi.session;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.spec.iscsi.AsyncMessage;
import dev.karst.spec.iscsi.Bhs;
import dev.karst.spec.iscsi.DataIn;
import dev.karst.spec.iscsi.LogoutResponse;
import dev.karst.spec.iscsi.NopIn;
import dev.karst.spec.iscsi.R2t;
import dev.karst.spec.iscsi.ScsiResponse;
import dev.karst.spec.iscsi.TextResponse;
import dev.karst.spec.scsi.FixedSense;
import dev.karst.spec.scsi.SenseKey;

/** Composes the PDUs that a connection sends, and queues them. */
@ReactorConfined
final class Answers {
    private static final int CONTROLS = 32;
    private static final int CONTROL_ROOM = 128;
    /** Memory for PDUs that answer no request. */
    static final int CONTROL_BYTES = CONTROLS * CONTROL_ROOM;

    private static final int SENSE_LENGTH_BYTES = 2;
    /** SAM-5, 4.7.7.2: peripheral device addressing, which has room for all numbers that there are. */
    private static final int LUN_SHIFT = 48;

    private final Connection connection;
    private final long controls;
    /** Where each of them ends among all bytes that were queued: it is free again when these are sent. */
    private final long[] controlEnds = new long[CONTROLS];
    private int nextControl;
    private boolean headerDigest;
    private boolean dataDigest;
    private int statSn = 1;

    Answers(Connection connection, long controls) {
        this.connection = connection;
        this.controls = controls;
    }

    /** From now on these digests are in use. */
    void digests(boolean ofHeader, boolean ofData) {
        headerDigest = ofHeader;
        dataDigest = ofData;
    }

    /** The number of the next status. */
    int statSn() {
        return statSn;
    }

    void statSn(int next) {
        statSn = next;
    }

    /** The number of the status that a PDU carries. */
    int nextStatSn() {
        return statSn++;
    }

    /** Begins a header; all that is not said here is 0. */
    static void begin(long pdu, int opcode, int flags, int dataLength) {
        Mem.setLong(pdu, opcode | flags << 8 | (long) Integer.reverseBytes(dataLength) << 32);
        for (int at = Long.BYTES; at < Bhs.BYTES; at += Long.BYTES) {
            Mem.setLong(pdu + at, 0);
        }
    }

    private void answer(Task task, int opcode, int dataLength) {
        long pdu = task.responseHeader();
        begin(pdu, opcode, Bhs.FINAL, dataLength);
        Bhs.ITT.set(pdu, task.itt);
        task.state = Task.State.RESPONDING;
        connection.session().answered(task);
        numbers(pdu, nextStatSn());
    }

    private void numbers(long pdu, int status) {
        CommandWindow window = connection.session().window();
        ScsiResponse.STATSN.set(pdu, status);
        ScsiResponse.EXPCMDSN.set(pdu, window.expCmdSn());
        ScsiResponse.MAXCMDSN.set(pdu, window.maxCmdSn());
    }

    // Answers to SCSI commands.

    /** Sends the answer to a command: its data if there is any, and its status. */
    void respond(Task task) {
        connection.session().answered(task);
        task.answered = Math.min(task.answered, task.edtl);
        if (task.begunNanos != 0) {
            connection.group().tally(connection.session().node(), task);
        }
        if (task.isRead() && task.answered > 0) {
            sendData(task);
        } else {
            status(task);
        }
    }

    /** Whether the last Data-In can say how the command ended. */
    private static boolean dataSaysAll(Task task) {
        return task.status == 0 && task.senseBytes == 0;
    }

    /** As many Data-In PDUs as there is memory for; more when these are sent. */
    private void sendData(Task task) {
        while (task.queued < task.answered && task.pdusOut < Task.DATA_INS) {
            dataIn(task);
        }
        if (task.queued == task.answered && !dataSaysAll(task)) {
            status(task);
        }
    }

    private void dataIn(Task task) {
        int offset = task.queued;
        int maxBurst = connection.session().parameters().maxBurst;
        int burstLeft = maxBurst - offset % maxBurst;
        int length = Math.min(task.answered - offset, Math.min(burstLeft, connection.parameters().initiatorMaxRecv));
        boolean last = offset + length == task.answered;
        boolean withStatus = last && dataSaysAll(task);
        int flags = last || length == burstLeft ? Bhs.FINAL : 0;
        long pdu = task.dataInHeader(task.dataIns);
        begin(pdu, Bhs.DATA_IN, withStatus ? flags | DataIn.S | residualFlag(task) : flags, length);
        Bhs.ITT.set(pdu, task.itt);
        DataIn.TTT.set(pdu, Bhs.NO_TAG);
        numbers(pdu, withStatus ? nextStatSn() : 0);
        DataIn.DATASN.set(pdu, task.dataIns);
        DataIn.BUFFER_OFFSET.set(pdu, offset);
        if (withStatus) {
            DataIn.RESIDUAL.set(pdu, residual(task));
        }
        task.queued += length;
        long tail = task.dataInTail(task.dataIns++);
        task.pdusOut++;
        sendHeader(pdu, null);
        sendDataSegment(source(task) + offset, length, tail, task);
    }

    /** Where the data is that goes to the initiator. */
    private long source(Task task) {
        long shown = task.view.address();
        return shown != 0 ? shown : task.zeros ? connection.group().zeros() : task.dataAddress;
    }

    /** A SCSI Response with sense data if there is some. */
    private void status(Task task) {
        long pdu = task.responseHeader();
        int bytes = task.senseBytes == 0 ? 0 : SENSE_LENGTH_BYTES + task.senseBytes;
        begin(pdu, Bhs.SCSI_RESPONSE, Bhs.FINAL | residualFlag(task), bytes);
        Mem.setByte(pdu + 3, (byte) task.status);
        Bhs.ITT.set(pdu, task.itt);
        numbers(pdu, nextStatSn());
        ScsiResponse.EXPDATASN.set(pdu, task.dataIns + task.r2tsSent);
        ScsiResponse.RESIDUAL.set(pdu, residual(task));
        task.pdusOut++;
        if (bytes == 0) {
            sendHeader(pdu, task);
        } else {
            long segment = task.senseSegment();
            Mem.setShort(segment, Short.reverseBytes((short) task.senseBytes));
            sendHeader(pdu, null);
            sendDataSegment(segment, bytes, segment + bytes, task);
        }
    }

    /** RFC 7143, 11.4.5. */
    private static int residualFlag(Task task) {
        return task.wanted > task.edtl ? ScsiResponse.O : residual(task) != 0 ? ScsiResponse.U : 0;
    }

    private static int residual(Task task) {
        if (task.wanted > task.edtl) {
            return (int) Math.min(task.wanted - task.edtl, Integer.MAX_VALUE);
        }
        return task.edtl - (task.isRead() ? task.answered : (int) task.wanted);
    }

    /** Asks for data of a command. */
    void r2t(Task task, int bytes) {
        long pdu = task.r2t(task.r2tsSent);
        begin(pdu, Bhs.R2T, Bhs.FINAL, 0);
        Bhs.LUN.set(pdu, task.lun);
        Bhs.ITT.set(pdu, task.itt);
        R2t.TTT.set(pdu, task.transferTag(task.r2tsSent));
        numbers(pdu, statSn);
        R2t.R2TSN.set(pdu, task.r2tsSent);
        R2t.BUFFER_OFFSET.set(pdu, task.asked);
        R2t.DESIRED.set(pdu, bytes);
        task.r2tsOut++;
        sendHeader(pdu, task);
    }

    /** A PDU of a request is sent, R2Ts before all others: there may be more of it, or it is done. */
    void sent(Task task) {
        if (task.r2tsOut > 0) {
            task.r2tsOut--;
            connection.requests().freeIfLeft(task);
            return;
        }
        task.pdusOut--;
        if (task.queued < task.answered) {
            sendData(task);
        } else if (task.pdusOut == 0) {
            connection.requests().drop(task);
        }
    }

    // Answers to other requests.

    /** Answers a NOP-Out with its own data. */
    void nopIn(Task task, int length) {
        answer(task, Bhs.NOP_IN, length);
        NopIn.TTT.set(task.responseHeader(), Bhs.NO_TAG);
        send(task, length);
    }

    /** Answers a task management function. */
    void taskResponse(Task task, int response) {
        answer(task, Bhs.TASK_RESPONSE, 0);
        Mem.setByte(task.responseHeader() + 2, (byte) response);
        send(task, 0);
    }

    /** Answers a text request with the text in the request's space. */
    void text(Task task, int flags, int tag, int length) {
        answer(task, Bhs.TEXT_RESPONSE, length);
        Bhs.FLAGS.set(task.responseHeader(), flags);
        TextResponse.TTT.set(task.responseHeader(), tag);
        send(task, length);
    }

    /** Answers a logout. */
    void logout(Task task, int response) {
        answer(task, Bhs.LOGOUT_RESPONSE, 0);
        long pdu = task.responseHeader();
        Mem.setByte(pdu + 2, (byte) response);
        LogoutResponse.TIME2WAIT.set(pdu, connection.session().parameters().time2Wait);
        LogoutResponse.TIME2RETAIN.set(pdu, connection.session().parameters().time2Retain);
        send(task, 0);
    }

    private void send(Task task, int length) {
        task.pdusOut++;
        if (length == 0) {
            sendHeader(task.responseHeader(), task);
        } else {
            sendHeader(task.responseHeader(), null);
            sendDataSegment(task.space, length, task.dataInTail(0), task);
        }
    }

    // What answers no request.

    /** Says that the PDU whose header is given is not taken. */
    void reject(int reason, long wrong) {
        connection.group().counters().rejects++;
        long pdu = control(Bhs.REJECT, Bhs.BYTES);
        if (pdu == 0) {
            return;
        }
        long copy = pdu + Bhs.BYTES + Bhs.DIGEST_BYTES;
        Mem.setByte(pdu + 2, (byte) reason);
        Bhs.ITT.set(pdu, Bhs.NO_TAG);
        numbers(pdu, nextStatSn());
        Mem.copy(wrong, copy, Bhs.BYTES);
        sendHeader(pdu, null);
        sendDataSegment(copy, Bhs.BYTES, copy + Bhs.BYTES, null);
        sentControl();
    }

    /** Asks the initiator for a sign of life, which is to carry the tag. */
    void ping(int tag) {
        long pdu = control(Bhs.NOP_IN, 0);
        if (pdu != 0) {
            Bhs.ITT.set(pdu, Bhs.NO_TAG);
            NopIn.TTT.set(pdu, tag);
            numbers(pdu, statSn);
            sendHeader(pdu, null);
            sentControl();
        }
    }

    /** Tells the initiator of a unit attention. */
    void scsiEvent(int lun, int asc) {
        int length = SENSE_LENGTH_BYTES + FixedSense.BYTES;
        long pdu = control(Bhs.ASYNC_MESSAGE, length);
        if (pdu == 0) {
            return;
        }
        long data = pdu + Bhs.BYTES + Bhs.DIGEST_BYTES;
        Bhs.LUN.set(pdu, (long) lun << LUN_SHIFT);
        Bhs.ITT.set(pdu, Bhs.NO_TAG);
        numbers(pdu, nextStatSn());
        AsyncMessage.EVENT.set(pdu, AsyncMessage.SCSI_EVENT);
        Mem.fill(data, length, (byte) 0);
        Mem.setByte(data + 1, (byte) FixedSense.BYTES);
        long sense = data + SENSE_LENGTH_BYTES;
        FixedSense.RESPONSE_CODE.set(sense, FixedSense.CURRENT);
        FixedSense.SENSE_KEY.set(sense, SenseKey.UNIT_ATTENTION);
        FixedSense.ADDITIONAL_SENSE_LENGTH.set(sense, FixedSense.BYTES - FixedSense.ADDITIONAL_SENSE_LENGTH.offset() - 1);
        FixedSense.ADDITIONAL_SENSE_CODE.set(sense, asc);
        sendHeader(pdu, null);
        sendDataSegment(data, length, data + length, null);
        sentControl();
    }

    /** Tells the initiator what it shall do, or what is done: an event with its parameters. */
    void event(int event, int parameter2, int parameter3) {
        long pdu = control(Bhs.ASYNC_MESSAGE, 0);
        if (pdu != 0) {
            Bhs.ITT.set(pdu, Bhs.NO_TAG);
            numbers(pdu, nextStatSn());
            AsyncMessage.EVENT.set(pdu, event);
            AsyncMessage.PARAMETER2.set(pdu, parameter2);
            AsyncMessage.PARAMETER3.set(pdu, parameter3);
            sendHeader(pdu, null);
            sentControl();
        }
    }

    /** Memory for a PDU that has begun; 0, and the connection ends, when the initiator takes none of those before. */
    private long control(int opcode, int dataLength) {
        if (connection.isEnding()) {
            return 0;
        } else if (connection.sender().total() < controlEnds[nextControl]) {
            connection.breach("it does not take what it is told");
            return 0;
        }
        long pdu = controls + (long) nextControl * CONTROL_ROOM;
        begin(pdu, opcode, Bhs.FINAL, dataLength);
        return pdu;
    }

    private void sentControl() {
        controlEnds[nextControl] = connection.sender().added();
        nextControl = (nextControl + 1) % CONTROLS;
    }

    // Bytes out.

    /** Sends a header with its digest, for which there is room behind it. */
    void sendHeader(long pdu, Task owner) {
        int length = Bhs.BYTES;
        if (headerDigest) {
            Mem.setInt(pdu + length, connection.group().crc().of(pdu, length));
            length += Bhs.DIGEST_BYTES;
        }
        connection.sender().add(pdu, length, owner);
        connection.group().round().dirty(connection);
    }

    /** Sends data, and its padding and digest from {@code tail}, which may be right behind it. */
    void sendDataSegment(long address, int length, long tail, Task owner) {
        int padding = Bhs.padding(length);
        int tailBytes = padding + (dataDigest ? Bhs.DIGEST_BYTES : 0);
        if (tailBytes == 0) {
            connection.sender().add(address, length, owner);
            return;
        }
        for (int i = 0; i < padding; i++) {
            Mem.setByte(tail + i, (byte) 0);
        }
        if (dataDigest) {
            connection.group().crc().reset();
            connection.group().crc().update(address, length);
            connection.group().crc().update(tail, padding);
            Mem.setInt(tail + padding, connection.group().crc().value());
        }
        connection.sender().add(address, length, null);
        connection.sender().add(tail, tailBytes, owner);
    }
}
