package dev.karst.nvmf.testkit;

import java.util.Arrays;
import java.util.Map;

/** PDUs as the steps of a case describe them: right but for the fields that are set. */
final class Pdus {
    /** Offsets and sizes of the fields that a case may set, by name. */
    private static final Map<String, int[]> COMMON = Map.of(
        "type", new int[] {0, 1}, "flags", new int[] {1, 1}, "hlen", new int[] {2, 1}, "pdo", new int[] {3, 1},
        "plen", new int[] {4, 4});
    private static final Map<String, int[]> ICREQ =
        Map.of("pfv", new int[] {8, 2}, "hpda", new int[] {10, 1}, "dgst", new int[] {11, 1});
    private static final Map<String, int[]> DATA = Map.of(
        "cccid", new int[] {8, 2}, "ttag", new int[] {10, 2}, "datao", new int[] {12, 4}, "datal", new int[] {16, 4});
    private static final Map<String, int[]> TERM = Map.of("fes", new int[] {8, 2}, "fei", new int[] {10, 4});
    /** Fields of the command itself. NVMe Base 2.1, 4.1 and 4.3.2; Fabrics commands 6. */
    private static final Map<String, int[]> SQE = Map.ofEntries(
        field("opcode", 0, 1), field("cid", 2, 2), field("nsid", 4, 4), field("fctype", 4, 1), field("cdw2", 8, 4),
        field("cdw3", 12, 4), field("mptr", 16, 8), field("sgladdr", 24, 8), field("length", 32, 4), field("sgltype", 39, 1),
        field("cdw10", 40, 4), field("cdw11", 44, 4), field("cdw12", 48, 4), field("cdw13", 52, 4), field("cdw14", 56, 4),
        field("cdw15", 60, 4), field("slba", 40, 8), field("nlb", 48, 2), field("attrib", 40, 1), field("ofst", 44, 4),
        field("value", 48, 8), field("recfmt", 40, 2), field("qid", 42, 2), field("sqsize", 44, 2), field("cattr", 46, 1),
        field("kato", 48, 4));

    private static final int SGL = 0x40;

    private Pdus() {}

    private static Map.Entry<String, int[]> field(String name, int offset, int bytes) {
        return Map.entry(name, new int[] {offset, bytes});
    }

    static Bytes icReq(Fields fields) {
        return change(NvmeTcpHost.icReq(0), ICREQ, fields);
    }

    /** An H2CTermReq: 24 bytes and {@code data} more. */
    static Bytes termReq(Fields fields) {
        int length = 24 + fields.small("data", 0);
        return change(new Bytes(length).set(0, 1, 0x02).set(2, 1, 24).set(4, 4, length), TERM, fields);
    }

    /** Data for an R2T, or for none that there was. */
    static Bytes hostData(NvmeTcpHost host, Bytes r2t, Fields fields) {
        int cid = r2t == null ? 0 : r2t.u16(8);
        int tag = r2t == null ? 0 : r2t.u16(10);
        int offset = fields.small("datao", r2t == null ? 0 : (int) r2t.u32(12));
        byte[] data = data(fields, r2t == null ? 0 : (int) r2t.u32(16));
        return change(host.hostData(cid, tag, offset, data, fields.number("last", 1) != 0), DATA, fields);
    }

    /** A command capsule; {@code data} bytes travel in it. */
    static Bytes command(NvmeTcpHost host, int cid, Fields fields) {
        byte[] data = data(fields, 0);
        int length = fields.small("length", data.length);
        Bytes sqe = NvmeTcpHost.sqe(0, 1, length, data.length > 0).set(2, 2, cid);
        int flags = fields.small("psdt", 1) << 6 | fields.small("fuse", 0);
        set(sqe, fields, SQE);
        sqe.set(1, 1, fields.has("psdt") || fields.has("fuse") ? flags : SGL);
        return change(host.capsule(sqe, data), Map.of(), fields);
    }

    /** A Connect capsule for a queue of the controller. */
    static Bytes connect(NvmeTcpHost host, int cid, String subsystem, String hostNqn, Fields fields) {
        int qid = fields.small("qid", 0);
        Bytes data = new Bytes(Math.max(1024, fields.small("data", 0)));
        data.set(0, 1, fields.small("hostid", 0x55));
        data.set(16, 2, fields.number("cntlid", qid == 0 ? 0xffff : host.controllerId()));
        data.set(256, fields.bytes("subnqn", subsystem)).set(512, fields.bytes("hostnqn", hostNqn));
        byte[] sent = data.part(0, fields.small("data", 1024));
        Bytes sqe = NvmeTcpHost.sqe(0x7f, 1, fields.small("length", sent.length), sent.length > 0).set(2, 2, cid);
        sqe.set(42, 2, qid).set(44, 2, 31).set(48, 4, qid == 0 ? 600_000 : 0);
        set(sqe, fields, SQE);
        return change(host.capsule(sqe, sent), Map.of(), fields);
    }

    private static byte[] data(Fields fields, int otherwise) {
        Bytes data = new Bytes(fields.small("data", otherwise));
        Arrays.fill(data.array(), (byte) fields.small("fill", 0));
        fields.figures("put").forEach(figure -> figure.putInto(data));
        return data.array();
    }

    private static void set(Bytes target, Fields fields, Map<String, int[]> places) {
        for (String name : fields.among(places.keySet())) {
            int[] place = places.get(name);
            target.set(place[0], place[1], fields.number(name, 0));
        }
    }

    /** Sets the common fields and those of the type, then spoils one byte and cuts the end off if the step says so. */
    private static Bytes change(Bytes pdu, Map<String, int[]> own, Fields fields) {
        set(pdu, fields, COMMON);
        set(pdu, fields, own);
        if (fields.has("flip")) {
            int at = Math.floorMod(fields.small("flip", 0), pdu.length());
            pdu.set(at, 1, pdu.u8(at) ^ 1);
        }
        return fields.has("cut") ? new Bytes(pdu.part(0, fields.small("cut", 0))) : pdu;
    }
}
