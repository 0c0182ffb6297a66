package dev.karst.env.sim;

import dev.karst.base.Errno;
import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.env.FileOp;
import dev.karst.env.FileRing;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * File I/O against a simulated disk: operations take random times and so complete out of order; the disk touches memory
 * when an operation completes and not before, so that a buffer given up too early shows.
 */
final class SimFileRing extends FileRing {
    private static final long DISK_NANOS = 50_000;

    /** An operation that the disk has. */
    private static final class Flight {
        final FileOp op;
        final SimDataFile file;
        WriteRecorder.Write record;
        long submittedAt;
        int result;
        boolean stuck;
        boolean ended;

        Flight(FileOp op) {
            this.op = op;
            this.file = (SimDataFile) op.file;
        }
    }

    private final class Source extends SimSource {
        @Override
        void deliver() {
            // The reactor asks the ring itself.
        }
    }

    private final SimEnvironment environment;
    private final SimRandom random;
    private final int depth;
    private final Source source = new Source();
    private final Deque<Flight> taken = new ArrayDeque<>();
    private final List<Flight> flights = new ArrayList<>();
    private final Deque<Flight> done = new ArrayDeque<>();
    private boolean closed;

    SimFileRing(SimEnvironment environment, SimRandom random, SimEventSet events, int depth) {
        this.environment = environment;
        this.random = random;
        this.depth = depth;
        source.watchedBy(events);
    }

    @Override
    public String kind() {
        return "simulated";
    }

    @Override
    public int submit(FileOp op) {
        assert !closed : "submitted after close";
        assert find(op) == null : "submitted twice";
        int inFlight = inFlight();
        if (inFlight == depth || inFlight > 0 && random.oneIn(environment.faults().ringFullOneIn)) {
            return Status.NO_RESOURCE;
        }
        Flight flight = new Flight(op);
        assert !flight.file.isClosed() : "submitted to a closed file";
        flight.file.inFlight++;
        WriteRecorder recorder = environment.files().recorder();
        flight.submittedAt = recorder == null ? 0 : recorder.now();
        flights.add(flight);
        taken.add(flight);
        return Status.OK;
    }

    @Override
    public void cancel(FileOp op) {
        Flight flight = find(op);
        if (flight != null && !flight.ended && (random.oneIn(2) || flight.stuck)) {
            environment.schedule().after(random.delayNanos(DISK_NANOS), () -> end(flight, -Errno.ECANCELED));
        }
    }

    @Override
    public int poll() {
        while (!taken.isEmpty()) {
            begin(taken.poll());
        }
        int delivered = 0;
        for (int most = done.size(); most > 0 && !done.isEmpty(); most--) {
            Flight flight = done.poll();
            flights.remove(flight);
            flight.file.inFlight--;
            delivered++;
            if (flight.record != null && flight.result >= 0) {
                environment.files().recorder().acknowledged(flight.record);
            }
            flight.op.completed(flight.result);
        }
        return delivered;
    }

    @Override
    public int inFlight() {
        return flights.size();
    }

    @Override
    public void close() {
        assert flights.isEmpty() : "the file ring was closed with operations in flight";
        source.watchedBy(null);
        closed = true;
    }

    /** The disk takes an operation: a write may be durable, whole or torn, from here on. */
    private void begin(Flight flight) {
        if (flight.ended) {
            return;
        }
        FileOp op = flight.op;
        WriteRecorder recorder = environment.files().recorder();
        int refusal = refusal(flight);
        if (recorder != null && refusal == 0) {
            flight.record = switch (op.kind) {
                case WRITE -> recorder.submitted(flight.file.path(), op.offset, op.data.bytes(), bytes(op.data));
                case PUNCH, ZERO -> recorder.submitted(flight.file.path(), op.offset, op.length, null);
                case READ, SYNC -> null;
            };
        }
        SimFaults faults = environment.faults();
        if (refusal == 0 && random.oneIn(faults.stuckOneIn)) {
            flight.stuck = true;
            return;
        }
        long delay = random.oneIn(faults.lateOneIn) ? faults.lateNanos : random.delayNanos(DISK_NANOS);
        environment.schedule().after(delay, () -> end(flight, refusal));
    }

    private int refusal(Flight flight) {
        FileOp op = flight.op;
        boolean moves = op.kind == FileOp.Kind.READ || op.kind == FileOp.Kind.WRITE;
        if (flight.file.readOnly() && op.kind != FileOp.Kind.READ && op.kind != FileOp.Kind.SYNC) {
            return -Errno.EBADF;
        }
        if (moves && (op.data.bytes() != op.length || !isAligned(op, flight.file.alignment()))) {
            return -Errno.EINVAL;
        }
        if (op.kind == FileOp.Kind.SYNC && random.oneIn(environment.faults().syncErrorOneIn)) {
            return -Errno.EIO;
        }
        return random.oneIn(environment.faults().ioErrorOneIn) ? -Errno.EIO : 0;
    }

    private static boolean isAligned(FileOp op, int alignment) {
        long bits = op.offset;
        for (int i = 0; i < op.data.count(); i++) {
            bits |= op.data.address(i) | op.data.length(i);
        }
        return bits % alignment == 0;
    }

    /** The operation ends, once: with that failure, or with what it does now. */
    private void end(Flight flight, int failure) {
        if (flight.ended) {
            return;
        }
        flight.ended = true;
        flight.result = failure != 0 ? failure : perform(flight);
        if (flight.record != null && flight.result < 0) {
            environment.files().recorder().dropped(flight.record);
        }
        environment.trace().event("disk " + flight.op.kind, flight.op.offset, flight.result);
        done.add(flight);
        source.signal();
    }

    private int perform(Flight flight) {
        FileOp op = flight.op;
        return switch (op.kind) {
            case READ -> read(flight);
            case WRITE -> write(flight);
            case PUNCH, ZERO -> zero(flight);
            case SYNC -> sync(flight);
        };
    }

    private int read(Flight flight) {
        FileOp op = flight.op;
        long available = Math.max(0, flight.file.size() - op.offset);
        int length = shortened((int) Math.min(available, op.length), flight.file.alignment());
        byte[] bytes = flight.file.bytes().read(op.offset, length);
        int at = 0;
        for (int i = 0; i < op.data.count() && at < length; i++) {
            int part = Math.min(length - at, op.data.length(i));
            Mem.put(op.data.address(i), bytes, at, part);
            at += part;
        }
        return length;
    }

    private int write(Flight flight) {
        FileOp op = flight.op;
        int length = shortened((int) op.length, flight.file.alignment());
        if (flight.file.bytes().growth(op.offset, length) > environment.files().freeBytes()) {
            return -Errno.ENOSPC;
        }
        byte[] bytes = bytes(op.data);
        flight.file.bytes().write(op.offset, bytes, 0, length);
        if (flight.record != null) {
            environment.files().recorder().completed(flight.record, bytes, length);
        }
        return length;
    }

    private int zero(Flight flight) {
        FileOp op = flight.op;
        flight.file.bytes().zero(op.offset, op.length);
        if (flight.record != null) {
            environment.files().recorder().completed(flight.record, null, op.length);
        }
        return 0;
    }

    private int sync(Flight flight) {
        WriteRecorder recorder = environment.files().recorder();
        if (recorder != null && !environment.faults().lyingSync) {
            recorder.synced(flight.file.path(), flight.submittedAt);
        }
        return 0;
    }

    /** Possibly fewer, but some, and a multiple of the alignment, as a disk does it. */
    private int shortened(int length, int alignment) {
        int units = length / alignment;
        if (units < 2 || !random.oneIn(environment.faults().shortTransferOneIn)) {
            return length;
        }
        return (1 + random.below(units - 1)) * alignment;
    }

    private static byte[] bytes(IoVector data) {
        byte[] bytes = new byte[(int) data.bytes()];
        int at = 0;
        for (int i = 0; i < data.count(); i++) {
            Mem.get(data.address(i), bytes, at, data.length(i));
            at += data.length(i);
        }
        return bytes;
    }

    private Flight find(FileOp op) {
        for (Flight flight : flights) {
            if (flight.op == op) {
                return flight;
            }
        }
        return null;
    }
}
