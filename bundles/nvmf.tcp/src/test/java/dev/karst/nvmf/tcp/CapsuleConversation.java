package dev.karst.nvmf.tcp;

import dev.karst.base.Mem;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.TransportOptions;
import dev.karst.nvmf.tcp.JudgingTarget.Planted;
import dev.karst.nvmf.testkit.Bytes;
import dev.karst.nvmf.testkit.FuzzInput;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.nvmf.testkit.Wire;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.Sqe;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Plays inputs on connections of one group, each on a new one, and fails when one is not treated as it should be. */
final class CapsuleConversation {
    /** What may become of a capsule, or of data for one. */
    enum Outcome {
        EXECUTED,
        REFUSED,
        /** It waits for a buffer, or an R2T asks for its data. */
        ACCEPTED,
        /** The connection ends. */
        ENDED,
        /** Data was taken, and more is missing. */
        TAKEN
    }

    private record R2t(int cid, int tag, int length) {}

    private static final int ADMIN_DEPTH = 8;
    private static final int IN_CAPSULE = 4096;
    private static final int MAX_IO = 32_768;
    private static final TransportOptions OPTIONS =
        new TransportOptions(128, ADMIN_DEPTH, 4, IN_CAPSULE, MAX_IO, true, 1024, false);
    private static final ListenAddress LISTENER = new ListenAddress("TCP", "IPv4", "127.0.0.1", "4420");
    private static final int[] OPCODES = {0, 1, 2, 1, 2, 5, 3, 0x7f};
    private static final int[] SGLS = {0x01, 0x5a, 0x01, 0x5a, 0x5a, 0x00, 0x5b, 0x11};
    private static final int[] PIECES = {1 << 20, 1 << 20, 4000, 73, 7, 1};
    private static final int MARK = 0x5eed;
    private static final int DATAL = 16;

    private final SimWorld world;
    private final JudgingTarget target;
    private final TcpGroup group;
    private final int[] outcomes = new int[Outcome.values().length];

    // The connection of one input.
    private FedSocket socket;
    private NvmeTcpHost host;
    private byte[] answers = {};
    private int answersAt;
    private int piece;
    private int digests;
    private int room;
    private int depth;
    private boolean afterFused;
    /** Whether what was sent is no longer understood here; then no outcome is expected. */
    private boolean isSpoilt;
    private boolean ended;
    private int sent;
    private int answered;
    private final List<R2t> asked = new ArrayList<>();
    private final int[] given = new int[ADMIN_DEPTH + 128];
    private final Set<Integer> damagedTags = new HashSet<>();
    private int sequence;
    private boolean isDamaged;

    CapsuleConversation(SimWorld world, Planted planted) throws Exception {
        this.world = world;
        target = new JudgingTarget(world, planted);
        target.judge = this::judge;
        group = new TcpGroup(world.reactor(0), target, OPTIONS);
        world.on(world.reactor(0), group::start);
    }

    /** How many capsules, or data for them, ended like this. */
    int count(Outcome outcome) {
        return outcomes[outcome.ordinal()];
    }

    void close() throws Exception {
        boolean[] closed = {false};
        world.on(group.reactor(), () -> group.close(() -> closed[0] = true));
        world.until(() -> closed[0], 2000);
        check(world.environment().memory().regions().isEmpty(), "regions of memory are left");
    }

    /** Plays one input. */
    void hold(byte[] bytes) throws Exception {
        FuzzInput input = new FuzzInput(bytes);
        begin();
        try {
            open(input);
            while (input.hasMore() && !ended) {
                step(input);
            }
        } finally {
            world.on(group.reactor(), socket::end);
        }
        world.until(() -> target.released == target.opened, 2000);
        check(group.counters().failures == 0, "something was thrown on the reactor");
        for (String name : List.of("connections", "requests", "small_buffers", "large_buffers")) {
            check(group.statistics().get(name) == 0, name + " are left");
        }
    }

    private void begin() throws Exception {
        target.notes = new JudgingTarget.Notes();
        socket = new FedSocket();
        host = new NvmeTcpHost(new FedWire());
        answers = new byte[0];
        answersAt = sent = answered = sequence = 0;
        afterFused = isSpoilt = ended = isDamaged = false;
        asked.clear();
        damagedTags.clear();
        world.on(group.reactor(), () -> group.adopt(socket, LISTENER));
    }

    private void open(FuzzInput input) throws IOException {
        int how = input.next();
        digests = how & 3;
        piece = PIECES[(how >> 3) % PIECES.length];
        room = TcpConnection.ADMIN_CAPSULE_BYTES;
        depth = ADMIN_DEPTH;
        host.initialize((how & 1) != 0, (how & 2) != 0);
        if ((how & 4) != 0) {
            room = IN_CAPSULE;
            depth = 2 + input.small(60);
            host.connect(Bench.SUBSYSTEM, "nqn.host", 1, depth);
            target.notes = new JudgingTarget.Notes();
        }
    }

    private void step(FuzzInput input) throws IOException {
        int kind = input.next();
        switch (kind % 8) {
            case 0 -> spoilt(kind >> 3, input);
            case 1, 2 -> hostData(input);
            case 3 -> rare(kind >> 3, input);
            default -> capsule(input);
        }
        check(target.notes.wrong == null, target.notes.wrong);
        check(answered <= sent, answered + " answers to " + sent + " commands");
        long inUse = group.statistics().get("requests");
        check(isSpoilt || ended || answered + inUse == sent, answered + " answers, " + inUse + " in use, sent " + sent);
    }

    /** Bytes that may be anything: no more is expected than that the connection can be ended. */
    private void spoilt(int how, FuzzInput input) throws IOException {
        isSpoilt = true;
        int dataLength = input.small(2) * 4096;
        byte[] bytes = host.capsule(entry(input, dataLength), new byte[dataLength]).array();
        sent += 2;
        if (how % 2 == 0) {
            bytes[input.next() % Math.min(bytes.length, 76)] = (byte) input.next();
        } else {
            bytes = Arrays.copyOf(bytes, 1 + input.next() * 16 % bytes.length);
        }
        send(bytes);
    }

    private void rare(int what, FuzzInput input) throws IOException {
        switch (what) {
            case 0 -> manyWrites();
            case 1 -> burst();
            case 2, 3 -> {
                byte[] term = new byte[24 + input.small(140)];
                new Bytes(term).set(0, 1, 2).set(2, 1, 24).set(4, 4, term.length);
                send(term);
                check(ended || isSpoilt, "not ended by the host's end");
            }
            case 4, 5 -> {
                world.runFor(what == 4 ? 2_600 : 35_000);
                ended = socket.isClosed();
            }
            default -> capsule(input);
        }
    }

    /** More at once than a connection may take in before others have their turn. */
    private void burst() throws IOException {
        isSpoilt = true;
        piece = 1 << 20;
        byte[] one = host.capsule(NvmeTcpHost.sqe(1, 1, room, true).set(2, 2, 200).set(56, 4, MARK), new byte[room]).array();
        int copies = 600_000 / one.length;
        byte[] all = new byte[copies * one.length];
        for (int i = 0; i < copies; i++) {
            System.arraycopy(one, 0, all, i * one.length, one.length);
        }
        sent += copies;
        send(all);
    }

    /** More large buffers than one connection may have: the last commands wait for one. */
    private void manyWrites() throws IOException {
        isSpoilt = true;
        for (int i = 0; i < 40 && !ended; i++) {
            sent++;
            send(host.capsule(NvmeTcpHost.sqe(1, 1, MAX_IO, false).set(2, 2, 100 + i).set(56, 4, MARK), new byte[0]).array());
        }
    }

    // Capsules.

    private Bytes entry(FuzzInput input, int dataLength) {
        int sgl = SGLS[input.small(SGLS.length)];
        int opcode = OPCODES[input.small(OPCODES.length)];
        int length = sgl == 0x01 ? dataLength : input.small(9) * 4096;
        Bytes sqe = NvmeTcpHost.sqe(opcode, input.small(5), length, false).set(2, 2, input.small(24)).set(39, 1, sgl);
        for (int changes = input.small(8) - 5; changes > 0; changes--) {
            sqe.set(input.small(44), 1, input.next());
        }
        return sqe.set(52, 4, ++sequence).set(56, 4, MARK);
    }

    private void capsule(FuzzInput input) throws IOException {
        int size = input.next();
        int dataLength = size % 3 == 0 ? input.small(18) * 512 : 0;
        Bytes sqe = entry(input, dataLength);
        byte[] data = pattern(sequence, 0, dataLength);
        byte[] pdu = host.capsule(sqe, data).array();
        isDamaged = size % 5 == 4 && (digests & 2) != 0 && dataLength > 0;
        if (isDamaged) {
            pdu[pdu.length - 1] ^= 1;
        }
        if (size % 5 == 3 && (digests & 1) == 0 && dataLength > 0) {
            pdu = padded(pdu, 4 * (1 + input.small(13)));
        }
        Outcome expected = expected(sqe, dataLength);
        if (isDamaged && expected == Outcome.EXECUTED) {
            expected = Outcome.REFUSED;
        }
        int cid = sqe.u16(2);
        boolean fused = (sqe.u8(1) & 3) != 0;
        boolean isAnnounced = fused || afterFused;
        boolean isTaken = dataLength <= room && target.notes.inFlight.size() < depth;
        afterFused = fused;
        int announced = target.notes.announced;
        sent++;
        if (expected == Outcome.ACCEPTED) {
            target.notes.inFlight.add(cid);
        }
        expect(expected, pdu, sqe);
        check(isSpoilt || !isTaken || target.notes.announced - announced == (isAnnounced ? 1 : 0), "announced or not");
    }

    /** The same with bytes between header and data. */
    private static byte[] padded(byte[] pdu, int padding) {
        byte[] padded = new byte[pdu.length + padding];
        System.arraycopy(pdu, 0, padded, 0, 72);
        System.arraycopy(pdu, 72, padded, 72 + padding, pdu.length - 72);
        new Bytes(padded).set(3, 1, 72 + padding).set(4, 4, padded.length);
        return padded;
    }

    /** The rules, read a second time. */
    private Outcome expected(Bytes sqe, int dataLength) {
        if (dataLength > room || target.notes.inFlight.size() >= depth) {
            return Outcome.ENDED;
        }
        int psdt = sqe.u8(1) >> 6;
        if (target.notes.inFlight.contains(sqe.u16(2)) || psdt == 0 || psdt == 3) {
            return Outcome.REFUSED;
        }
        int direction = (sqe.u8(0) == 0x7f ? sqe.u8(4) : sqe.u8(0)) & 3;
        if (direction == 0) {
            return dataLength == 0 ? Outcome.EXECUTED : Outcome.REFUSED;
        }
        long length = sqe.u32(32);
        if (sqe.u8(39) == 0x01) {
            if (direction != 1) {
                return Outcome.REFUSED;
            }
            return length != dataLength ? Outcome.ENDED : sqe.u64(24) != 0 ? Outcome.REFUSED : Outcome.EXECUTED;
        }
        if (sqe.u8(39) != 0x5a || dataLength > 0 || length > MAX_IO) {
            return Outcome.REFUSED;
        }
        return length == 0 || direction != 1 ? Outcome.EXECUTED : Outcome.ACCEPTED;
    }

    // Data that was asked for.

    private void hostData(FuzzInput input) throws IOException {
        if (asked.isEmpty()) {
            return;
        }
        R2t r2t = asked.get(input.small(asked.size()));
        int begin = given[r2t.tag];
        int most = Math.min(r2t.length - begin, OPTIONS.maxIoBytes());
        int wrong = input.next();
        int length = wrong == 7 ? most + 512 : input.small(3) == 0 ? most : Math.min(most, 512 * ((digests & 2) / 2 + input.small(20)));
        boolean last = begin + length == r2t.length;
        int cid = wrong == 1 ? r2t.cid + 1 : r2t.cid;
        int tag = wrong == 2 ? r2t.tag + 100 : wrong == 8 ? r2t.tag - 1 : r2t.tag;
        int offset = wrong == 3 ? begin + 4 : begin;
        boolean says = (wrong == 4) != last;
        byte[] pdu = host.hostData(cid, tag, offset, pattern(r2t.tag, begin, length), says).array();
        if (wrong == 5 && (digests & 2) != 0 && length > 0) {
            pdu[pdu.length - 1] ^= 1;
            damagedTags.add(r2t.tag);
        } else if (wrong == 6) {
            pdu[DATAL] ^= 4;
        }
        Outcome whole = damagedTags.contains(r2t.tag) ? Outcome.REFUSED : Outcome.EXECUTED;
        boolean isWrong = wrong >= 1 && wrong <= 8 && wrong != 5;
        given[r2t.tag] += length;
        if (last) {
            asked.remove(r2t);
        }
        expect(isWrong ? Outcome.ENDED : last ? whole : Outcome.TAKEN, pdu, null);
    }

    // What has become of it.

    private void expect(Outcome expected, byte[] pdu, Bytes sqe) throws IOException {
        int executed = target.notes.executed;
        int refused = target.notes.refused;
        send(pdu);
        Outcome found = ended ? Outcome.ENDED
            : target.notes.refused > refused ? Outcome.REFUSED
            : target.notes.executed > executed ? Outcome.EXECUTED
            : sqe == null ? Outcome.TAKEN : Outcome.ACCEPTED;
        outcomes[found.ordinal()]++;
        check(isSpoilt || found == expected, "expected " + expected + ", found " + found);
    }

    /** Judges what the core is given. */
    private String judge(TcpRequest request) {
        long sqe = request.sqe;
        if (Mem.getInt(sqe + 56) != MARK || isSpoilt) {
            return null;
        }
        int direction = (Sqe.OPC.get(sqe) == 0x7f ? Mem.getByte(sqe + 4) : Sqe.OPC.get(sqe)) & 3;
        long length = direction == 0 ? 0 : Sqe.SGL1_LENGTH.get(sqe);
        if (request.length != length || request.data.bytes() != length) {
            return request.length + " bytes instead of " + length;
        }
        if (direction != 1 || length == 0) {
            return null;
        }
        boolean inCapsule = Mem.getByte(sqe + 39) == 1;
        int tag = RequestTable.tagOf(request);
        if (inCapsule ? isDamaged : damagedTags.contains(tag)) {
            return "damaged data is executed";
        }
        byte[] data = new byte[(int) length];
        Mem.get(request.data.address(0), data, 0, data.length);
        return Arrays.equals(data, pattern(inCapsule ? Mem.getInt(sqe + 52) : tag, 0, data.length)) ? null : "wrong data";
    }

    private static byte[] pattern(int seed, int offset, int length) {
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++) {
            data[i] = (byte) (seed * 37 + (offset + i) * 11 + (offset + i >> 8));
        }
        return data;
    }

    private void send(byte[] pdu) throws IOException {
        host.send(new Bytes(pdu));
        while (answersAt < answers.length) {
            NvmeTcpHost.Received received = host.receive();
            switch (received.type()) {
                case NvmeTcpHost.CAPSULE_RESP -> answered++;
                case NvmeTcpHost.C2H_DATA -> answered += (received.header().u8(1) & 8) != 0 ? 1 : 0;
                case NvmeTcpHost.R2T -> asked(received.header());
                case NvmeTcpHost.C2H_TERM_REQ -> ended = true;
                default -> check(false, "a PDU of type " + received.type());
            }
        }
        ended = ended || socket.isClosed();
    }

    private void asked(Bytes r2t) {
        int tag = r2t.u16(10);
        given[tag] = 0;
        damagedTags.remove(tag);
        check(r2t.u32(12) == 0 && r2t.u32(16) > 0 && r2t.u32(16) <= MAX_IO, "an R2T of " + r2t.u32(16));
        asked.add(new R2t(r2t.u16(8), tag, (int) r2t.u32(16)));
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    /** What a host sends is read by the connection at once; nothing comes later. */
    private final class FedWire implements Wire {
        @Override
        public void send(byte[] bytes) throws IOException {
            try {
                world.on(group.reactor(), () -> socket.feed(bytes, piece));
                world.until(socket::isDrained, 2000);
                world.on(group.reactor(), () -> { });
            } catch (IOException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException(e);
            }
            byte[] written = socket.written();
            byte[] left = Arrays.copyOfRange(answers, answersAt, answers.length);
            answers = Arrays.copyOf(left, left.length + written.length);
            System.arraycopy(written, 0, answers, left.length, written.length);
            answersAt = 0;
        }

        @Override
        public int receive(byte[] bytes, int offset, int length, int timeoutMs) throws IOException {
            int count = Math.min(length, answers.length - answersAt);
            if (count == 0) {
                throw new IOException("nothing comes");
            }
            System.arraycopy(answers, answersAt, bytes, offset, count);
            answersAt += count;
            return count;
        }

        @Override
        public void close() {
            // The test ends the socket.
        }
    }
}
