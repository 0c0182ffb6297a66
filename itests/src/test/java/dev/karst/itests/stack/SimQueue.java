package dev.karst.itests.stack;

import dev.karst.base.Crc32c;
import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Region;
import dev.karst.env.StreamSocket;
import dev.karst.env.sim.SimRandom;
import dev.karst.nvmf.testkit.SimWire;
import dev.karst.reactor.sim.SimWorld;

/**
 * An I/O queue of a host in a simulated world: keeps as many commands in flight as it may, of all kinds, each slot with blocks of
 * its own, and knows what they hold. It is driven by {@link #pump}, between two steps of the world.
 */
final class SimQueue implements AutoCloseable {
    private static final int FLUSH = 0;
    private static final int WRITE = 1;
    private static final int READ = 2;
    private static final int ZEROES = 8;
    private static final int DEALLOCATE = 9;
    private static final int R2T = 0x09;
    private static final int C2H_DATA = 0x07;
    private static final int RESPONSE = 0x05;
    private static final int IN_BYTES = 256 * 1024;
    private static final int IN_CAPSULE_BYTES = 4096;

    /** A command. */
    private static final class Slot {
        int cid;
        int opcode;
        int block;
        int count;
        int version;
        boolean inFlight;
        boolean hasData;
    }

    private final SimWorld world;
    private final SimRandom random;
    private final SimWire wire;
    private final StreamSocket socket;
    private final BlockModel model;
    private final Slot[] slots;
    private final int slotBlocks;
    private final Region in;
    private final Region out;
    private final IoVector vector = new IoVector(1);
    private final Crc32c crc = new Crc32c();
    private final boolean headerDigest;
    private final boolean dataDigest;
    private int inHead;
    private int inTail;
    private int outHead;
    private int outTail;
    private int inFlight;
    private int generation;
    private long stalledUntil;
    private boolean broken;
    /** Commands that may still be sent. */
    long budget;
    /** Whether commands may fail. */
    boolean mayFail;
    /** Only reads, block after block. */
    boolean sweeping;
    private int sweptTo;
    long sent;
    long ended;
    long failed;
    long lost;

    /** A queue on a wire whose Connect succeeded. */
    SimQueue(SimWorld world, SimWire wire, BlockModel model, int depth, int digests) throws StorageException {
        this.world = world;
        this.wire = wire;
        this.model = model;
        random = world.random().split();
        socket = wire.socket();
        slots = new Slot[depth];
        for (int i = 0; i < depth; i++) {
            slots[i] = new Slot();
        }
        slotBlocks = model.blocks() / depth;
        headerDigest = (digests & 1) != 0;
        dataDigest = (digests & 2) != 0;
        in = world.environment().memory().allocate("sim queue in", IN_BYTES);
        out = world.environment().memory().allocate("sim queue out", depth * (slotBlocks * 512L + 4096));
    }

    boolean isBroken() {
        return broken;
    }

    /** Whether all it may send has been sent and answered, or the connection broke. */
    boolean isDone() {
        return broken || budget == 0 && inFlight == 0;
    }

    /** Neither sends nor reads for so long. */
    void stall(long nanos) {
        stalledUntil = world.clock().nanos() + nanos;
        world.environment().schedule().after(nanos, () -> { });
    }

    /** Sends, reads and checks what there is to. */
    void pump() {
        if (broken || world.clock().nanos() < stalledUntil) {
            return;
        }
        receive();
        for (int i = 0; i < slots.length && budget > 0 && !broken; i++) {
            if (!slots[i].inFlight) {
                begin(slots[i], i);
            }
        }
        flush();
    }

    private void receive() {
        while (!broken) {
            if (inHead == inTail) {
                inHead = inTail = 0;
            } else if (IN_BYTES - inTail < IN_BYTES / 2) {
                Mem.copy(in.address() + inHead, in.address(), inTail - inHead);
                inTail -= inHead;
                inHead = 0;
            }
            int count = socket.read(in.address() + inTail, IN_BYTES - inTail);
            if (count == StreamSocket.AGAIN) {
                return;
            }
            if (count <= 0) {
                breakOff();
                return;
            }
            inTail += count;
            while (inTail - inHead >= 8 && inTail - inHead >= Mem.getInt(in.address() + inHead + 4)) {
                pdu(in.address() + inHead);
                inHead += Mem.getInt(in.address() + inHead + 4);
            }
        }
    }

    private void pdu(long pdu) {
        int type = Mem.getU8(pdu);
        int hlen = Mem.getU8(pdu + 2);
        check(!headerDigest || crc.of(pdu, hlen) == Mem.getInt(pdu + hlen), "a wrong header digest");
        switch (type) {
            case R2T -> answer(slot(Mem.getU16(pdu + 8)), Mem.getU16(pdu + 10), (int) Mem.getU32(pdu + 12),
                (int) Mem.getU32(pdu + 16));
            case C2H_DATA -> data(pdu, slot(Mem.getU16(pdu + 8)));
            case RESPONSE -> end(slot(Mem.getU16(pdu + 20)), Mem.getU16(pdu + 22) >> 1);
            default -> throw new AssertionError("PDU type " + type + ", FES " + Mem.getU16(pdu + 8));
        }
    }

    private Slot slot(int cid) {
        Slot slot = slots[(cid & 0xff) % slots.length];
        check(slot.inFlight && slot.cid == cid, "an answer to no command, or the second to one");
        return slot;
    }

    private void data(long pdu, Slot slot) {
        long data = pdu + Mem.getU8(pdu + 3);
        int length = (int) Mem.getU32(pdu + 16);
        check(slot.opcode == READ && !slot.hasData && length == slot.count * 512, "other data than was asked for");
        check(!dataDigest || crc.of(data, length) == Mem.getInt(data + length), "a wrong data digest");
        model.check(data, slot.block, slot.count);
        slot.hasData = true;
        if ((Mem.getU8(pdu + 1) & 8) != 0) {
            end(slot, 0);
        }
    }

    private void end(Slot slot, int status) {
        check(status == 0 || mayFail, "a command failed");
        check(status != 0 || slot.opcode != READ || slot.hasData, "a read without data");
        slot.inFlight = false;
        inFlight--;
        ended++;
        failed += status == 0 ? 0 : 1;
        if (changes(slot)) {
            model.written(slot.block, slot.count, slot.version, status == 0);
        }
    }

    private static boolean changes(Slot slot) {
        return slot.opcode != READ && slot.opcode != FLUSH;
    }

    private void begin(Slot slot, int index) {
        budget--;
        sent++;
        inFlight++;
        generation = generation + 1 & 0xff;
        slot.cid = index | generation << 8;
        slot.inFlight = true;
        slot.hasData = false;
        choose(slot, index);
        boolean inCapsule = slot.opcode == DEALLOCATE
            || slot.opcode == WRITE && slot.count * 512 <= IN_CAPSULE_BYTES && random.oneIn(2);
        capsule(slot, inCapsule);
    }

    private void choose(Slot slot, int index) {
        int kind = random.below(32);
        slot.count = 1 + random.below(slotBlocks);
        slot.block = index * slotBlocks + random.below(slotBlocks - slot.count + 1);
        slot.opcode = sweeping || kind < 14 ? READ : kind < 27 ? WRITE : kind < 29 ? ZEROES : kind < 31 ? DEALLOCATE : FLUSH;
        if (sweeping) {
            slot.block = index * slotBlocks;
            slot.count = slotBlocks;
        }
        slot.version = slot.opcode == WRITE ? model.newVersion() : 0;
    }

    /** How many commands a sweep over all blocks takes. */
    int sweep() {
        sweeping = true;
        return slots.length;
    }

    private void capsule(Slot slot, boolean inCapsule) {
        int length = slot.opcode == DEALLOCATE ? 16 : slot.opcode == READ || slot.opcode == WRITE ? slot.count * 512 : 0;
        int behind = inCapsule ? length : 0;
        long pdu = reserve(72 + 8 + behind);
        long data = header(pdu, 0x04, 72, behind, 0);
        long sqe = pdu + 8;
        Mem.fill(sqe, 64, (byte) 0);
        Mem.setInt(sqe, slot.opcode | 0x40 << 8 | slot.cid << 16);
        Mem.setInt(sqe + 4, 1);
        Mem.setInt(sqe + 32, length);
        Mem.setByte(sqe + 39, (byte) (inCapsule ? 0x01 : 0x5a));
        if (slot.opcode == DEALLOCATE) {
            Mem.setInt(sqe + 44, 4);
            Mem.setInt(data, 0);
            Mem.setInt(data + 4, slot.count);
            Mem.setLong(data + 8, model.first() + slot.block);
        } else {
            Mem.setLong(sqe + 40, model.first() + slot.block);
            Mem.setShort(sqe + 48, (short) (slot.count - 1));
            if (inCapsule) {
                model.fill(data, slot.block, slot.count, slot.version);
            }
        }
        seal(pdu, 72, data, behind);
    }

    private void answer(Slot slot, int tag, int offset, int length) {
        check(slot.opcode == WRITE && offset == 0 && length == slot.count * 512, "an R2T for other data");
        int half = slot.count > 1 && random.oneIn(3) ? 1 + random.below(slot.count - 1) : slot.count;
        hostData(slot, tag, 0, half);
        if (half < slot.count) {
            hostData(slot, tag, half, slot.count - half);
        }
    }

    private void hostData(Slot slot, int tag, int from, int count) {
        long pdu = reserve(24 + 8 + count * 512);
        long data = header(pdu, 0x06, 24, count * 512, from + count == slot.count ? 4 : 0);
        Mem.setInt(pdu + 8, slot.cid | tag << 16);
        Mem.setInt(pdu + 12, from * 512);
        Mem.setInt(pdu + 16, count * 512);
        Mem.setInt(pdu + 20, 0);
        model.fill(data, slot.block + from, count, slot.version);
        seal(pdu, 24, data, count * 512);
    }

    /** Composes the common header; gives where the data goes. */
    private long header(long pdu, int type, int hlen, int behind, int moreFlags) {
        int end = hlen + (headerDigest ? 4 : 0);
        boolean digested = dataDigest && behind > 0;
        int flags = moreFlags | (headerDigest ? 1 : 0) | (digested ? 2 : 0);
        int plen = end + behind + (digested ? 4 : 0);
        Mem.setInt(pdu, type | flags << 8 | hlen << 16 | (behind > 0 ? end : 0) << 24);
        Mem.setInt(pdu + 4, plen);
        outTail += plen;
        return pdu + end;
    }

    private void seal(long pdu, int hlen, long data, int behind) {
        if (headerDigest) {
            Mem.setInt(pdu + hlen, crc.of(pdu, hlen));
        }
        if (dataDigest && behind > 0) {
            Mem.setInt(data + behind, crc.of(data, behind));
        }
    }

    private long reserve(int bytes) {
        if (out.bytes() - outTail < bytes) {
            Mem.copy(out.address() + outHead, out.address(), outTail - outHead);
            outTail -= outHead;
            outHead = 0;
            check(out.bytes() - outTail >= bytes, "no room to send");
        }
        return out.address() + outTail;
    }

    private void flush() {
        while (!broken && outHead < outTail) {
            vector.set(out.address() + outHead, outTail - outHead);
            int count = socket.write(vector, 0);
            if (count == StreamSocket.AGAIN) {
                return;
            }
            if (count < 0) {
                breakOff();
                return;
            }
            outHead += count;
        }
        outHead = outTail = 0;
    }

    /** Ends the connection, as likely as not in the middle of a PDU. */
    void breakAtAnyByte() {
        if (broken) {
            return;
        }
        if (outHead == outTail && !slots[0].inFlight && budget > 0) {
            begin(slots[0], 0);
        }
        if (outHead < outTail) {
            vector.set(out.address() + outHead, 1 + random.below(outTail - outHead));
            socket.write(vector, 0);
        }
        socket.close();
        breakOff();
    }

    /** The connection is gone: what was in flight has no answer. */
    private void breakOff() {
        check(mayFail, "the connection broke");
        broken = true;
        for (Slot slot : slots) {
            if (slot.inFlight) {
                slot.inFlight = false;
                lost++;
                if (changes(slot)) {
                    model.written(slot.block, slot.count, slot.version, false);
                }
            }
        }
        inFlight = 0;
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    @Override
    public void close() {
        if (!broken) {
            boolean could = mayFail;
            mayFail = true;
            breakOff();
            mayFail = could;
        }
        wire.close();
        world.environment().memory().free(in);
        world.environment().memory().free(out);
    }
}
