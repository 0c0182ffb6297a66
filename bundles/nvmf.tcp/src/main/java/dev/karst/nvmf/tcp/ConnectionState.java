package dev.karst.nvmf.tcp;

import dev.karst.base.Mem;
import dev.karst.base.StateReader;
import dev.karst.base.StateWriter;
import dev.karst.base.StorageException;
import dev.karst.spec.nvme.Sqe;
import java.util.ArrayList;
import java.util.List;

/**
 * A connection between two versions of the transport: what was negotiated, the PDU that has come in part, the commands that
 * wait for data or have been executed without effect, and what was not sent yet. On the connection's reactor, at rest.
 */
final class ConnectionState {
    /** The form of all that is written here; another one for each change of it. */
    static final int VERSION = 1;
    private static final int MAX_SLOTS = 0x10000;

    private final TcpConnection connection;
    private final RequestTable requests;
    private final CommandIntake intake;

    ConnectionState(TcpConnection connection, RequestTable requests, CommandIntake intake) {
        this.connection = connection;
        this.requests = requests;
        this.intake = intake;
    }

    byte[] write(TcpConnection.State state, Receiver receiver, TcpRequest receiving) {
        var writer = new StateWriter(VERSION).number(state.ordinal());
        connection.answers().save(writer);
        writer.bytes(connection.sender().unsent());
        receiver.save(writer);
        writer.number(receiving == null ? 0 : RequestTable.tagOf(receiving));
        List<TcpRequest> kept = new ArrayList<>();
        for (int slot = 0; slot < requests.size(); slot++) {
            switch (requests.at(slot).state) {
                case IN_CAPSULE, WAITING, AWAITING_DATA, EXECUTING -> kept.add(requests.at(slot));
                case FREE, RESPONDING -> { }
            }
        }
        writer.number(kept.size());
        for (TcpRequest request : kept) {
            write(writer, request, request == receiving ? receiver.missing() : 0);
        }
        return writer.end();
    }

    /** With as much of the data as is there; {@code missing} bytes of what was announced are not. */
    private static void write(StateWriter writer, TcpRequest request, int missing) {
        boolean inCapsule = request.length > 0 && request.dataAddress == request.capsuleData;
        writer.number(RequestTable.tagOf(request)).number(request.state.ordinal()).memory(request.sqe, Sqe.BYTES)
            .flag(request.ownsCid).flag(request.hostSends).flag(inCapsule).flag(request.corrupt)
            .number(request.length).number(request.received)
            .memory(request.dataAddress, request.hostSends ? request.received - missing : 0);
    }

    /** Reads what comes before the queue is taken over. Gives where the connection stands. */
    static TcpConnection.State readHead(StateReader reader, Answers answers) throws StorageException {
        int state = reader.number(0, TcpConnection.State.CONNECTED.ordinal());
        answers.restore(reader);
        return TcpConnection.State.values()[state];
    }

    /**
     * Reads the rest, once the queue has been taken over.
     *
     * @return the request whose data comes next, or null
     */
    TcpRequest read(StateReader reader, Receiver receiver) throws StorageException {
        connection.resend(reader.bytes());
        receiver.restore(reader);
        int receivingTag = reader.number(0, MAX_SLOTS);
        int count = reader.number(0, MAX_SLOTS);
        List<TcpRequest> executing = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            TcpRequest request = request(reader);
            if (request.state == TcpRequest.State.EXECUTING) {
                executing.add(request);
            }
        }
        reader.end();
        TcpRequest receiving = requests.byTag(receivingTag);
        if (receivingTag != 0) {
            boolean receives = receiving != null && receiving.hostSends && receiving.received >= receiver.announced()
                && (receiving.state == TcpRequest.State.IN_CAPSULE || receiving.state == TcpRequest.State.AWAITING_DATA);
            if (!receives) {
                throw StateReader.refusal("its state has data for command " + receivingTag + ", which expects none");
            }
            receiver.target(receiving.dataAddress + receiving.received - receiver.announced());
        }
        executing.forEach(intake::execute);
        return receiving;
    }

    private TcpRequest request(StateReader reader) throws StorageException {
        int tag = reader.number(1, MAX_SLOTS);
        TcpRequest.State state = TcpRequest.State.values()[
            reader.number(TcpRequest.State.IN_CAPSULE.ordinal(), TcpRequest.State.EXECUTING.ordinal())];
        byte[] sqe = reader.bytes();
        TcpRequest request = requests.take(tag - 1);
        if (request == null || sqe.length != Sqe.BYTES) {
            throw StateReader.refusal("its state has a command " + tag + " that there cannot be");
        }
        Mem.put(request.sqe, sqe, 0, Sqe.BYTES);
        request.begin(request.sqe);
        // As one whose data is coming it goes with the connection if what follows is refused.
        request.state = TcpRequest.State.IN_CAPSULE;
        if (reader.flag() && !requests.claimCid(request)) {
            throw StateReader.refusal("its state has two commands " + request.cid);
        }
        request.hostSends = reader.flag();
        boolean inCapsule = reader.flag();
        request.corrupt = reader.flag();
        int most = inCapsule ? requests.capsuleBytes() : connection.options().maxIoBytes();
        request.length = reader.number(0, most);
        request.received = reader.number(0, request.length);
        place(request, inCapsule, state);
        byte[] data = reader.bytes();
        if (data.length > (request.dataAddress == 0 ? 0 : request.received)) {
            throw StateReader.refusal("its state has " + data.length + " bytes of data for command " + tag);
        }
        if (data.length > 0) {
            Mem.put(request.dataAddress, data, 0, data.length);
        }
        request.state = state;
        if (state == TcpRequest.State.AWAITING_DATA) {
            intake.awaitData();
        } else if (state == TcpRequest.State.WAITING) {
            intake.askForBuffer(request);
        }
        return request;
    }

    /** Gives it memory for its data, as it had. */
    private void place(TcpRequest request, boolean inCapsule, TcpRequest.State state) throws StorageException {
        if (inCapsule) {
            request.dataAddress = request.capsuleData;
        } else if (request.length > 0) {
            connection.answers().takes(request);
            if (state != TcpRequest.State.WAITING) {
                request.buffer = connection.group().buffers().takeAgain(connection.share(), request.length);
                request.dataAddress = request.buffer;
                if (request.buffer == 0) {
                    throw StateReader.refusal("there is no buffer for its data");
                }
            }
        }
    }
}
