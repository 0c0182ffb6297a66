package dev.karst.vhost.ring;

import dev.karst.base.IoVector;
import dev.karst.base.ReactorConfined;

/** A chain of descriptors that the driver has made available: one request. It belongs to its ring; the memory is the guest's. */
@ReactorConfined
public final class Chain {
    /** Most pieces of memory to read, and to write. */
    public static final int MAX_PIECES = 130;

    /** What the device reads. */
    public final IoVector readable = new IoVector(MAX_PIECES);
    /** What the device writes. */
    public final IoVector writable = new IoVector(MAX_PIECES);
    /** What tells it from the others of its ring: less than the ring's size. */
    public final int id;

    /** For a packed ring: how many of its descriptors it takes. */
    int slots;
    /** For a packed ring whose chains in flight are kept: where. */
    int entry;
    private boolean taken;
    private boolean faulty;
    private long lastWritable;

    Chain(int id) {
        this.id = id;
    }

    void begin() {
        readable.clear();
        writable.clear();
        faulty = false;
        lastWritable = 0;
        slots = 0;
    }

    /** Whether it is taken and not put back. */
    boolean isTaken() {
        return taken;
    }

    void taken(boolean is) {
        taken = is;
    }

    /** Whether parts are missing or in the wrong order, so that the request cannot be done. */
    public boolean isFaulty() {
        return faulty;
    }

    /** Address of the last byte that the device may write, where a request has its status; 0 when there is none. */
    public long lastWritable() {
        return lastWritable;
    }

    /** Appends a buffer of the guest's; what lies outside its memory or is too much makes the chain faulty. */
    void add(GuestMemory memory, long guest, long bytes, boolean write) {
        IoVector vector = write ? writable : readable;
        faulty |= !write && lastWritable != 0;
        long at = guest;
        long left = bytes;
        while (left > 0) {
            int region = memory.find(at);
            if (region < 0) {
                faulty = true;
                lastWritable = write ? 0 : lastWritable;
                return;
            }
            int part = (int) Math.min(Math.min(left, memory.room(region, at)), Integer.MAX_VALUE);
            long address = memory.address(region, at);
            faulty |= !vector.add(address, part);
            if (write) {
                lastWritable = address + part - 1;
            }
            at += part;
            left -= part;
        }
    }
}
