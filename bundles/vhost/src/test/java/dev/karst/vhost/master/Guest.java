package dev.karst.vhost.master;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.unix.Descriptor;
import java.util.List;

/** A guest's memory: two parts of one sealed memory file, far from each other in the guest's addresses and in the front-end's. */
public final class Guest implements AutoCloseable {
    /** Bytes of a part. */
    public static final long PART_BYTES = 4L << 20;
    /** Where the guest finds the second part; the first begins at 0. */
    public static final long SECOND = 1L << 32;

    private static final long USER = 0x7f12_0000_0000L;
    private static final long USER_STEP = 1L << 30;

    /** A part, as the memory table says it. */
    public record Part(long guest, long bytes, long user, long offset) {
        /** As in messages. */
        public void addTo(Payload payload) {
            payload.u64(guest).u64(bytes).u64(user).u64(offset);
        }
    }

    public final List<Part> parts = List.of(new Part(0, PART_BYTES, USER, 0), new Part(SECOND, PART_BYTES, USER + USER_STEP, PART_BYTES));
    private final Environment environment;
    private final Descriptor memory;
    private final long address;

    public Guest(Environment environment) throws StorageException {
        this(environment, environment.unixSockets().createMemory("guest", 2 * PART_BYTES));
    }

    /** One with memory of that length, which it owns from now on. */
    public Guest(Environment environment, Descriptor memory) throws StorageException {
        this.environment = environment;
        this.memory = memory;
        address = memory.map(0, 2 * PART_BYTES);
    }

    /** Number of the memory's descriptor. */
    public int descriptor() {
        return memory.number();
    }

    /** Where the test finds what the guest has at this address. */
    public long at(long guest) {
        return guest >= SECOND ? address + PART_BYTES + (guest - SECOND) : address + guest;
    }

    /** Where the front-end finds it. */
    public long user(long guest) {
        return guest >= SECOND ? USER + USER_STEP + (guest - SECOND) : USER + guest;
    }

    /** Sets bytes that stand one after the other. */
    public void fill(long guest, long bytes, int value) {
        Mem.fill(at(guest), bytes, (byte) value);
    }

    @Override
    public void close() {
        environment.unixSockets().unmap(address, 2 * PART_BYTES);
        memory.close();
    }
}
