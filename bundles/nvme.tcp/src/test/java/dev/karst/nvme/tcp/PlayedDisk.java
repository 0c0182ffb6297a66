package dev.karst.nvme.tcp;

import dev.karst.env.sim.SimRandom;
import dev.karst.nvmf.testkit.Bytes;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.Opcode;
import java.util.ArrayList;
import java.util.List;

/**
 * A controller that does everything that it may in every way: it answers commands in any order, their data in pieces of any
 * length, each padded, between those of other commands; it asks for data by several R2Ts at once. It holds the
 * host to the protocol.
 */
final class PlayedDisk {
    /** What may be wrong with it. */
    enum Bug {
        NONE,
        FLIPS_A_BIT,
        ANSWERS_TWICE,
        LEAVES_OUT_DATA,
        REORDERS_DATA,
        ASKS_TWICE
    }

    private static final int LAST = 4;
    private static final int SUCCESS = 8;
    private static final int MOST_R2TS = 4;

    /** What was asked for, and how much of it has come. */
    private static final class Asked {
        final int tag;
        final int from;
        final int length;
        int come;

        Asked(int tag, int from, int length) {
            this.tag = tag;
            this.from = from;
            this.length = length;
        }
    }

    /** A command in the making. */
    private static final class Job {
        int cid;
        boolean write;
        int at;
        int length;
        int done;
        int asked;
        final List<Asked> open = new ArrayList<>();
    }

    final ControllerEnd end;
    private final SimRandom random;
    private final byte[] disk = new byte[KarstTarget.BLOCKS * KarstTarget.BLOCK_BYTES];
    private final List<Job> jobs = new ArrayList<>();
    private final int cpda;
    private final int maxHostData;
    private final Bug bug;
    private boolean bugged;
    private int tags;
    /** R2Ts that were open at once for one command, at the most. */
    int mostOpen;

    PlayedDisk(SimWorld world, Bug bug) throws Exception {
        this.bug = bug;
        random = world.random().split();
        cpda = random.oneIn(2) ? 0 : random.below(32);
        maxHostData = 4096 * (1 + random.below(6));
        end = new ControllerEnd(
            world, icReq -> ControllerEnd.icResp(icReq.u8(11)).set(10, 1, cpda).set(12, 4, maxHostData));
        end.alignment = 4 * (1 + random.below(32));
    }

    /** Does what there is to do, between two steps of the world. */
    void pump() {
        end.flush();
        for (Bytes pdu = end.poll(); pdu != null; pdu = end.poll()) {
            take(pdu);
        }
        if (!jobs.isEmpty() && !end.isBlocked()) {
            advance(jobs.get(random.below(jobs.size())));
        }
    }

    private void take(Bytes pdu) {
        int hlen = pdu.u8(2);
        boolean digested = (end.digests & 1) != 0;
        check(((pdu.u8(1) & 1) != 0) == digested, "HDGSTF");
        check(!digested || (int) pdu.u32(hlen) == Bytes.crc32c(pdu.array(), 0, hlen), "a wrong header digest");
        switch (pdu.u8(0)) {
            case ControllerEnd.CAPSULE_CMD -> command(pdu);
            case ControllerEnd.H2C_DATA -> hostData(pdu);
            default -> throw new AssertionError("PDU type " + pdu.u8(0) + ", FES " + pdu.u16(8) + ", FEI " + pdu.u32(10));
        }
    }

    private void command(Bytes pdu) {
        var job = new Job();
        job.cid = pdu.u16(10);
        job.write = pdu.u8(8) == Opcode.NVM_WRITE;
        job.at = (int) pdu.u64(48) * KarstTarget.BLOCK_BYTES;
        job.length = (int) pdu.u32(40);
        check(job.length == (pdu.u16(56) + 1) * KarstTarget.BLOCK_BYTES, "NLB and SGL differ");
        check(jobs.stream().noneMatch(other -> other.cid == job.cid), "a CID that is in use");
        boolean inCapsule = pdu.u8(47) == 0x01;
        check(inCapsule || pdu.u8(47) == 0x5a && pdu.u8(3) == 0, "an SGL that is neither");
        if (inCapsule) {
            check(job.length <= 4096, "more data in a capsule than fits");
            System.arraycopy(dataOf(pdu, job.length), 0, disk, job.at, job.length);
            job.asked = job.done = job.length;
        }
        jobs.add(job);
    }

    private byte[] dataOf(Bytes pdu, int length) {
        int pdo = pdu.u8(3);
        check(pdo % (4 * (cpda + 1)) == 0, "PDO is " + pdo + " with CPDA " + cpda);
        byte[] data = pdu.part(pdo, length);
        boolean digested = (end.digests & 2) != 0;
        check(((pdu.u8(1) & 2) != 0) == digested, "DDGSTF");
        check(pdu.length() == pdo + length + (digested ? 4 : 0), "PLEN");
        check(!digested || (int) pdu.u32(pdo + length) == Bytes.crc32c(data, 0, length), "a wrong data digest");
        return data;
    }

    private void hostData(Bytes pdu) {
        Job job = jobs.stream().filter(other -> other.cid == pdu.u16(8)).findAny().orElseThrow();
        Asked asked = job.open.stream().filter(other -> other.tag == pdu.u16(10)).findAny().orElseThrow();
        int length = (int) pdu.u32(16);
        check(pdu.u32(12) == asked.from + asked.come, "DATAO");
        check(length <= maxHostData, "more than MAXH2CDATA");
        System.arraycopy(dataOf(pdu, length), 0, disk, job.at + asked.from + asked.come, length);
        asked.come += length;
        job.done += length;
        check(((pdu.u8(1) & LAST) != 0) == (asked.come == asked.length), "LAST_PDU");
        if (asked.come == asked.length) {
            job.open.remove(asked);
        }
    }

    private void advance(Job job) {
        if (!job.write) {
            answer(job);
        } else if (job.done == job.length) {
            respond(job);
        } else if (job.asked < job.length && job.open.size() < MOST_R2TS) {
            ask(job);
        }
    }

    private int part(int left) {
        return random.oneIn(3) ? left : Math.min(left, 4 * (1 + random.below(left / 4)));
    }

    private void ask(Job job) {
        var asked = new Asked(tags++ & 0xffff, job.asked, part(job.length - job.asked));
        job.open.add(asked);
        job.asked += asked.length;
        mostOpen = Math.max(mostOpen, job.open.size());
        Bytes r2t = end.r2t(job.cid, asked.tag, asked.from, asked.length);
        end.send(r2t);
        if (isTimeFor(Bug.ASKS_TWICE)) {
            end.send(r2t);
        }
    }

    private void answer(Job job) {
        int length = part(job.length - job.done);
        byte[] data = new Bytes(disk).part(job.at + job.done, length);
        boolean last = job.done + length == job.length;
        boolean says = last && random.oneIn(2);
        Bytes pdu = end.data(job.cid, job.done, data, (last ? LAST : 0) | (says ? SUCCESS : 0));
        if (isTimeFor(Bug.FLIPS_A_BIT)) {
            pdu.set(pdu.u8(3), 1, pdu.u8(pdu.u8(3)) ^ 0x10);
        }
        if (!last && isTimeFor(Bug.REORDERS_DATA)) {
            int next = job.done + length;
            end.send(end.data(job.cid, next, new Bytes(disk).part(job.at + next, 4), 0));
        }
        if (last && isTimeFor(Bug.LEAVES_OUT_DATA)) {
            respond(job);
            return;
        }
        end.send(pdu);
        job.done += length;
        if (says) {
            jobs.remove(job);
        } else if (last) {
            respond(job);
        }
    }

    private void respond(Job job) {
        jobs.remove(job);
        end.send(end.response(job.cid, 0));
        if (isTimeFor(Bug.ANSWERS_TWICE)) {
            end.send(end.response(job.cid, 0));
        }
    }

    private boolean isTimeFor(Bug planted) {
        if (bugged || bug != planted || !random.oneIn(8)) {
            return false;
        }
        bugged = true;
        return true;
    }

    private static void check(boolean holds, String otherwise) {
        Host.check(holds, "the host sent " + otherwise);
    }
}
