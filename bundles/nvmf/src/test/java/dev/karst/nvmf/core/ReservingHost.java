package dev.karst.nvmf.core;

import dev.karst.nvmf.core.FakeConnection.Answer;
import dev.karst.reactor.Reactor;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvme.reservation.ReservationReportCommand;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;

/** A host with an identifier of its own that sends reservation commands, over one of its I/O queues each. */
final class ReservingHost {
    private static final int REPORT_BYTES = 64 + 64 * 130;

    /** A registrant as the report has it. */
    record Reported(int cntlid, boolean holds, long key, int host) {}

    /** What Reservation Report says. */
    record Report(int generation, int type, int count, boolean persistent, List<Reported> registrants) {}

    final Host host;
    final int number;

    /** A host with a controller and so many I/O queues, each on the next reactor. */
    ReservingHost(Stage stage, int number, int queues) throws Exception {
        this.number = number;
        var connecting = new Host.Connecting();
        connecting.hostId = hostId(number);
        host = new Host(stage, stage.world.reactors().next(), connecting);
        for (int i = 0; i < queues; i++) {
            host.ioQueue(stage.world.reactors().next());
        }
    }

    static byte[] hostId(int number) {
        return ByteBuffer.allocate(16).putLong(0x0102030405060708L).putLong(number).array();
    }

    FakeConnection queue() {
        return host.io.get(host.stage.world.random().below(host.io.size()));
    }

    private static byte[] keys(long... keys) {
        var bytes = ByteBuffer.allocate(8 * keys.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long key : keys) {
            bytes.putLong(key);
        }
        return bytes.array();
    }

    static LongConsumer command(int opcode, long dword10, long nsid) {
        return sqe -> {
            Sqe.OPC.set(sqe, opcode);
            Sqe.NSID.set(sqe, nsid);
            Sqe.CDW10.set(sqe, dword10);
        };
    }

    CompletableFuture<Answer> begin(int opcode, long dword10, byte[] data) throws Exception {
        FakeConnection queue = queue();
        queue.pieces = 1 + host.stage.world.random().below(2);
        return host.stage.world.call(queue.reactor(),
            () -> queue.send(command(opcode, dword10, 1), 0, data).answered);
    }

    int send(int opcode, long dword10, byte[] data) throws Exception {
        return host.stage.world.get(begin(opcode, dword10, data)).status();
    }

    /** Action 0 registers, 1 unregisters, 2 replaces. */
    int register(int action, boolean ignore, int change, long current, long fresh) throws Exception {
        return send(Opcode.NVM_RESERVATION_REGISTER, action | (ignore ? 8 : 0) | (long) change << 30,
            keys(current, fresh));
    }

    int join(long key) throws Exception {
        return register(0, false, 0, 0, key);
    }

    /** Action 0 acquires, 1 preempts, 2 preempts and aborts. */
    int acquire(int action, int type, long key, long preempted) throws Exception {
        return host.stage.world.get(beginAcquire(action, type, key, preempted)).status();
    }

    CompletableFuture<Answer> beginAcquire(int action, int type, long key, long preempted) throws Exception {
        return begin(Opcode.NVM_RESERVATION_ACQUIRE, action | (long) type << 8, keys(key, preempted));
    }

    /** Action 0 releases, 1 clears. */
    int release(int action, int type, long key) throws Exception {
        return send(Opcode.NVM_RESERVATION_RELEASE, action | (long) type << 8, keys(key));
    }

    /** The status of an I/O command of one block. */
    int io(int opcode) throws Exception {
        boolean sends = opcode == Opcode.NVM_WRITE;
        int length = opcode == Opcode.NVM_READ ? 512 : 0;
        return Host.send(host.stage, queue(), sqe -> Host.transfer(sqe, opcode, 3, 1), length,
            sends ? new byte[512] : null).status();
    }

    Report report() throws Exception {
        FakeConnection queue = queue();
        queue.pieces = 3;
        Answer answer = Host.send(host.stage, queue, sqe -> {
            command(Opcode.NVM_RESERVATION_REPORT, REPORT_BYTES / 4 - 1, 1).accept(sqe);
            ReservationReportCommand.EDS.set(sqe, 1);
        }, REPORT_BYTES, null);
        FakeConnection.check(answer.status() == 0, "no report");
        var bytes = ByteBuffer.wrap(answer.data()).order(ByteOrder.LITTLE_ENDIAN);
        int count = bytes.getShort(5);
        var registrants = new ArrayList<Reported>();
        for (int i = 0; i < count; i++) {
            int at = 64 + 64 * i;
            registrants.add(new Reported(bytes.getShort(at) & 0xffff, bytes.get(at + 2) == 1, bytes.getLong(at + 8),
                (int) Long.reverseBytes(bytes.getLong(at + 24))));
        }
        return new Report(bytes.getInt(0), bytes.get(4), count, bytes.get(9) == 1, registrants);
    }
}
