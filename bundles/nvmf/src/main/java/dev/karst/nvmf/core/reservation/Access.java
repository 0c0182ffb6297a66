package dev.karst.nvmf.core.reservation;

import dev.karst.base.ReactorConfined;
import dev.karst.spec.nvme.Opcode;
import java.util.UUID;

/**
 * Whom a reservation lets do what, as the I/O path asks: immutable, replaced as a whole. Where there is no reservation there
 * is none of these. NVMe Base 2.0, 8.19, Command Behavior in the Presence of a Reservation; NVM Command Set 1.0, 5.7.
 */
@ReactorConfined
public final class Access {
    /** A kind of command: it reads data. */
    public static final int READ = 1;
    /** A kind of command: it may change data, or make a change durable. */
    public static final int WRITE = 2;

    private static final int OPCODES = 64;
    private static final byte[] KINDS = kinds();

    /** What those may not do who are not let in. */
    private final int denied;
    /** Those who are let in, by hash: the halves of their identifiers, with a power of two of places. */
    private final long[] high;
    private final long[] low;
    private final boolean[] taken;

    private Access(int denied, int places) {
        this.denied = denied;
        high = new long[places];
        low = new long[places];
        taken = new boolean[places];
    }

    /** What follows from a state; null when there is no reservation. */
    static Access of(ReservationState state) {
        if (!state.isReserved()) {
            return null;
        }
        boolean isOne = !state.type().isRegistrantsOnly() && !state.type().isAllRegistrants();
        int hosts = isOne ? 1 : state.registrants().size();
        var access = new Access(state.type().denied(), Integer.highestOneBit(hosts) * 4);
        for (Registration one : state.registrants()) {
            if (!isOne || one.host().equals(state.holder())) {
                access.admit(one.host());
            }
        }
        return access;
    }

    private void admit(UUID host) {
        long hostHigh = host.getMostSignificantBits();
        long hostLow = host.getLeastSignificantBits();
        int at = place(hostHigh, hostLow);
        while (taken[at]) {
            at = at + 1 & taken.length - 1;
        }
        taken[at] = true;
        high[at] = hostHigh;
        low[at] = hostLow;
    }

    private int place(long hostHigh, long hostLow) {
        long mixed = (hostHigh ^ Long.rotateLeft(hostLow, 32)) * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32) & taken.length - 1;
    }

    private static byte[] kinds() {
        var kinds = new byte[OPCODES];
        for (int opcode : new int[] {Opcode.NVM_READ, Opcode.NVM_COMPARE, Opcode.NVM_VERIFY}) {
            kinds[opcode] = READ;
        }
        for (int opcode : new int[] {
            Opcode.NVM_FLUSH, Opcode.NVM_WRITE, Opcode.NVM_WRITE_UNCORRECTABLE, Opcode.NVM_WRITE_ZEROES,
            Opcode.NVM_DATASET_MANAGEMENT}) {
            kinds[opcode] = WRITE;
        }
        kinds[Opcode.NVM_COPY] = READ | WRITE;
        return kinds;
    }

    /** Whether a host may not execute this command now; the host identifier in two halves, as a UUID has them. */
    public boolean denies(int opcode, long hostHigh, long hostLow) {
        int kind = opcode < OPCODES ? KINDS[opcode] : 0;
        return (kind & denied) != 0 && !admits(hostHigh, hostLow);
    }

    private boolean admits(long hostHigh, long hostLow) {
        int at = place(hostHigh, hostLow);
        while (taken[at]) {
            if (high[at] == hostHigh && low[at] == hostLow) {
                return true;
            }
            at = at + 1 & taken.length - 1;
        }
        return false;
    }
}
