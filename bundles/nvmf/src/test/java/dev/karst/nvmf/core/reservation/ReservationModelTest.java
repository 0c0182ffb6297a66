package dev.karst.nvmf.core.reservation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.nvmf.core.reservation.ReservationRequest.Acquire;
import dev.karst.nvmf.core.reservation.ReservationRequest.Acquiring;
import dev.karst.nvmf.core.reservation.ReservationRequest.Register;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Random commands of several hosts, as they come over the wire, against {@link ReferenceReservations}. */
class ReservationModelTest {
    private static final int HOSTS = 4;
    private static final int SEQUENCES = 2000;
    private static final int COMMANDS = 50;
    private static final int DATA = 64;
    private static final int SCRATCH = 128;
    private static final Map<Integer, String> OPCODES = Map.of(
        Opcode.NVM_READ, "r", Opcode.NVM_COMPARE, "r", Opcode.NVM_VERIFY, "r", Opcode.NVM_WRITE, "w", Opcode.NVM_FLUSH,
        "w", Opcode.NVM_WRITE_ZEROES, "w", Opcode.NVM_DATASET_MANAGEMENT, "w", Opcode.NVM_WRITE_UNCORRECTABLE, "w",
        Opcode.NVM_COPY, "rw", Opcode.NVM_RESERVATION_REPORT, "");

    /** What is held against the reference. */
    interface Rules {
        Outcome apply(ReservationState state, UUID host, ReservationRequest request);
    }

    private final Arena arena = Arena.ofConfined();
    private final IoVector data = new IoVector(2);
    private long base;

    @BeforeEach
    void allocate() {
        base = arena.allocate(256, 64).address();
        Mem.register(base, 256);
    }

    @AfterEach
    void free() {
        Mem.unregister(base);
        arena.close();
    }

    private static UUID host(int number) {
        return new UUID(0x1234_5678_0000_0000L + number, ~number);
    }

    private ReservationRequest request(int opcode, long dword10, long first, long second, int bytes) {
        Sqe.OPC.set(base, opcode);
        Sqe.CDW10.set(base, dword10);
        Mem.setLong(base + DATA, first);
        Mem.setLong(base + DATA + 8, second);
        data.clear();
        data.add(base + DATA, bytes / 2);
        data.add(base + DATA + bytes / 2, bytes - bytes / 2);
        return ReservationRequest.read(base, data, base + SCRATCH);
    }

    private void runAll(Rules rules, int sequences) {
        for (int seed = 0; seed < sequences; seed++) {
            try {
                run(new SplittableRandom(seed), rules);
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }

    private void run(SplittableRandom random, Rules rules) {
        var reference = new ReferenceReservations(HOSTS);
        ReservationState state = ReservationState.EMPTY;
        for (int i = 0; i < COMMANDS; i++) {
            int host = random.nextInt(HOSTS);
            long mine = reference.keys[host];
            long current = random.nextInt(8) == 0 ? random.nextInt(4) : mine;
            long other = random.nextInt(4);
            boolean ignore = random.nextInt(8) == 0;
            int type = random.nextInt(20) == 0 ? random.nextInt(256) : 1 + random.nextInt(6);
            int action = random.nextInt(20) == 0 ? random.nextInt(8) : random.nextInt(3);
            ReservationRequest request;
            int expected;
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> {
                    int change = random.nextInt(6) == 0 ? random.nextInt(4) : 0;
                    long bits = action | (ignore ? 8 : 0) | (long) change << 30;
                    request = request(Opcode.NVM_RESERVATION_REGISTER, bits, current, other, 16);
                    expected = reference.register(host, action, ignore, change, current, other);
                }
                case 3, 4, 5 -> {
                    long bits = action | (ignore ? 8 : 0) | (long) type << 8;
                    request = request(Opcode.NVM_RESERVATION_ACQUIRE, bits, current, other, 16);
                    expected = reference.acquire(host, action, ignore, type, current, other);
                }
                default -> {
                    int named = random.nextInt(3) == 0 ? type : reference.type;
                    int releasing = action == 1 && random.nextInt(3) > 0 ? 0 : action;
                    long bits = releasing | (ignore ? 8 : 0) | (long) named << 8;
                    request = request(Opcode.NVM_RESERVATION_RELEASE, bits, current, 0, 8);
                    expected = reference.release(host, releasing, ignore, named, current);
                }
            }
            state = check(reference, state, host, request, expected, rules);
        }
    }

    private static ReservationState check(
        ReferenceReservations reference, ReservationState before, int host, ReservationRequest request, int expected,
        Rules rules) {
        Supplier<String> what = () -> "host " + host + " " + request + " at " + before;
        if (request == null) {
            assertEquals(NvmeStatus.text(expected), NvmeStatus.text(ReferenceReservations.INVALID), what);
            return before;
        }
        Outcome outcome = rules.apply(before, host(host), request);
        assertEquals(NvmeStatus.text(expected), NvmeStatus.text(outcome.status()), what);
        ReservationState state = outcome.state();
        assertEquals(reference.generation, state.generation(), what);
        assertEquals(reference.type, state.type().code, what);
        Set<String> told = new TreeSet<>();
        outcome.notices().forEach(notice -> told.add(notice.host().getMostSignificantBits() - host(0)
            .getMostSignificantBits() + ":" + notice.type()));
        assertEquals(reference.told, told, what);
        assertEquals(reference.aborted.size(), outcome.aborted().size(), what);
        for (int one = 0; one < HOSTS; one++) {
            Registration registration = state.find(host(one));
            assertEquals(reference.keys[one], registration == null ? 0 : registration.key(), what);
            assertEquals(reference.aborted.contains(one), outcome.aborted().contains(host(one)), what);
            boolean holds = reference.keys[one] != 0 && (reference.holder == one || reference.type >= 5);
            assertEquals(holds, registration != null && state.isHolder(registration), what);
        }
        checkAccess(reference, Access.of(state), what);
        return state;
    }

    private static void checkAccess(ReferenceReservations reference, Access access, Supplier<String> what) {
        for (int one = 0; one < HOSTS; one++) {
            for (var opcode : OPCODES.entrySet()) {
                boolean may = (!opcode.getValue().contains("r") || reference.mayRead(one))
                    && (!opcode.getValue().contains("w") || reference.mayWrite(one));
                boolean denied = access != null && access.denies(opcode.getKey(), host(one).getMostSignificantBits(),
                    host(one).getLeastSignificantBits());
                assertEquals(may, !denied, () -> "opcode " + opcode.getKey() + " after " + what.get());
            }
        }
        assertEquals(reference.type == 0, access == null, what);
    }

    private static Outcome apply(ReservationState state, UUID host, ReservationRequest request) {
        return ReservationRules.apply(state, host, request, false);
    }

    @Test
    void shouldDoAsTheReferenceDoesWhateverHostsSend() {
        runAll(ReservationModelTest::apply, SEQUENCES);
    }

    /** Bugs that were put in by hand. */
    private static List<Rules> planted() {
        var planted = new ArrayList<Rules>();
        planted.add((state, host, request) -> {
            Outcome outcome = apply(state, host, request);
            ReservationState next = outcome.state();
            return with(outcome, new ReservationState(
                0, next.persistent(), next.type(), next.holder(), next.registrants()));
        });
        planted.add((state, host, request) -> apply(state, host, request instanceof Register register
            ? new Register(register.action(), true, register.persists(), register.currentKey(), register.newKey())
            : request));
        planted.add((state, host, request) -> {
            Outcome outcome = apply(state, host, request);
            return request instanceof Register && outcome.state().type() != state.type()
                ? with(outcome, outcome.state().reserved(state.type(), state.holder())) : outcome;
        });
        planted.add((state, host, request) -> {
            Outcome outcome = apply(state, host, request);
            return new Outcome(outcome.status(), outcome.state(), List.of(), outcome.aborted());
        });
        planted.add((state, host, request) -> apply(state, host, request instanceof Acquire acquire
            && acquire.action() == Acquiring.PREEMPT_AND_ABORT
            ? new Acquire(Acquiring.PREEMPT, acquire.type(), acquire.currentKey(), acquire.preemptKey()) : request));
        planted.add((state, host, request) -> apply(state, host, request instanceof Acquire acquire
            ? new Acquire(acquire.action(), ReservationType.WRITE_EXCLUSIVE, acquire.currentKey(),
                acquire.preemptKey()) : request));
        planted.add((state, host, request) -> {
            Outcome outcome = apply(state, host, request);
            return request instanceof Acquire acquire && acquire.action() != Acquiring.ACQUIRE
                && outcome.state().registrants().size() < state.registrants().size()
                ? with(outcome, new ReservationState(outcome.state().generation(), false, outcome.state().type(),
                    outcome.state().holder(), state.registrants())) : outcome;
        });
        return planted;
    }

    private static Outcome with(Outcome outcome, ReservationState state) {
        return new Outcome(outcome.status(), state, outcome.notices(), outcome.aborted());
    }

    @Test
    void shouldFindEachBugThatIsPlanted() {
        List<Rules> planted = planted();
        for (int i = 0; i < planted.size(); i++) {
            Rules rules = planted.get(i);
            assertThrows(AssertionError.class, () -> runAll(rules, 50), "planted bug " + i + " was not found");
        }
    }

    @Test
    void shouldTakeNoCommandWhoseDataIsShort() {
        for (int bytes : new int[] {0, 1, 7, 8, 15}) {
            assertEquals(null, request(Opcode.NVM_RESERVATION_REGISTER, 0, 0, 1, bytes));
            assertEquals(null, request(Opcode.NVM_RESERVATION_ACQUIRE, 1 << 8, 0, 1, bytes));
            assertEquals(bytes < 8, request(Opcode.NVM_RESERVATION_RELEASE, 1, 0, 1, bytes) == null);
        }
    }

    @Test
    void shouldRefuseOneRegistrantMoreThanTheLimit() {
        ReservationState state = ReservationState.EMPTY;
        for (int i = 0; i < ReservationState.MAX_REGISTRANTS; i++) {
            Outcome outcome = apply(state, host(i), new Register(
                ReservationRequest.Registering.REGISTER, false, null, 0, 1 + i));
            assertEquals(0, outcome.status());
            state = outcome.state();
        }
        Outcome outcome = apply(state, host(-1), new Register(
            ReservationRequest.Registering.REGISTER, false, null, 0, 5));
        assertEquals(ReferenceReservations.INVALID, outcome.status());
        assertEquals(state, outcome.state());
        Access access = Access.of(state.reserved(ReservationType.EXCLUSIVE_ACCESS_ALL, null));
        for (int i = 0; i < ReservationState.MAX_REGISTRANTS; i++) {
            assertEquals(false, access.denies(Opcode.NVM_WRITE, host(i).getMostSignificantBits(), ~i));
        }
        assertTrue(access.denies(Opcode.NVM_READ, host(-1).getMostSignificantBits(), 0));
    }

    @Test
    void shouldPersistOnlyWhereThereIsAPlaceForIt() {
        var register = new Register(ReservationRequest.Registering.REGISTER, false, true, 0, 5);
        assertEquals(ReferenceReservations.INVALID, apply(ReservationState.EMPTY, host(1), register).status());
        Outcome outcome = ReservationRules.apply(ReservationState.EMPTY, host(1), register, true);
        assertEquals(0, outcome.status());
        assertTrue(outcome.state().persistent());
        Outcome again = ReservationRules.apply(outcome.state(), host(1), new Register(
            ReservationRequest.Registering.REGISTER, false, false, 0, 5), true);
        assertEquals(false, again.state().persistent());
        Outcome failed = ReservationRules.apply(outcome.state(), host(1), new Register(
            ReservationRequest.Registering.REGISTER, false, false, 0, 6), true);
        assertEquals(ReferenceReservations.CONFLICT, failed.status());
        assertTrue(failed.state().persistent(), "a failed command changed something");
    }
}
