package dev.karst.nvmf.testkit;

import java.io.IOException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Plays a bad input against a target and says what was not as it should be. The steps of a case:
 *
 * <pre>
 * use NAME                       goes on with that connection, which is made when it is first named
 * do initialize [hdgst] [ddgst]  ICReq and ICResp
 * do connect                     the Connect of an admin queue
 * do admin [hdgst] [ddgst] ...   all three: initialize, Connect (kato=, hostnqn=, subnqn=), enable
 * do io qid=N [sqsize=] ...      an I/O queue of the controller that was connected last
 * do command ...                 a command that succeeds
 * send icreq|termreq|hex ...     a PDU; any of its fields can be set
 * send command ... [times=N]     a capsule: any field of the command, data=BYTES in it, length= of the SGL
 * send connect ...               a Connect: qid=, sqsize=, cntlid=, subnqn=, hostnqn=, hostid=
 * send data ...                  what the last R2T asked for
 * expect icresp|term ...         a PDU with these fields
 * expect status SCT/SC [cid=] [result=] [dnr]   the end of the last command; several by commas
 * expect r2t
 * expect data length=N [fill=B]  what the command that ended last brought
 * expect alive                   the queue serves a Keep Alive or a Flush
 * expect closed [within=MS]      the target closes
 * pass MS                        time passes
 * close                          this end closes
 * </pre>
 *
 * <p>With {@code flip=N} byte N of a PDU is spoilt, from the end if negative; {@code cut=N} sends no more than N bytes.
 */
public final class BadInputPlayer {
    private static final int CLOSE_TIMEOUT_MS = 30_000;
    private static final String HOST = "nqn.2026-11.dev.karst:bad-host";
    private static final Fields KEEP_ALIVE = new Fields(new String[] {"opcode=0x18", "nsid=0"}, 0);
    private static final Fields FLUSH = new Fields(new String[] {"opcode=0", "nsid=1"}, 0);
    private static final int STATUS = 0x7ff;
    private static final int DNR = 0x4000;

    private final Venue venue;
    private final String subsystem;
    private final Map<String, PlayedHost> hosts = new LinkedHashMap<>();
    private PlayedHost now;
    private int controllerId;
    private String hostNqn = HOST;
    private NvmeTcpHost.Completion ended;

    /** A player of one case. */
    public BadInputPlayer(Venue venue, String subsystem) {
        this.venue = venue;
        this.subsystem = subsystem;
    }

    /**
     * Plays all steps, and closes all connections.
     *
     * @throws AssertionError naming case and step, when an answer is not the expected one
     */
    public void play(BadInputs.Case bad) throws IOException {
        try {
            use("host");
            for (String step : bad.steps()) {
                try {
                    step(step.split("\\s+"), step);
                } catch (IOException | AssertionError e) {
                    throw new AssertionError(bad + ": at '" + step + "': " + e.getMessage(), e);
                }
            }
        } finally {
            for (PlayedHost host : hosts.values()) {
                host.host.close();
            }
        }
    }

    private void use(String name) throws IOException {
        now = hosts.get(name);
        if (now == null) {
            now = new PlayedHost(venue.connect());
            now.host.controllerId(controllerId);
            hosts.put(name, now);
        }
    }

    private void step(String[] words, String step) throws IOException {
        Fields fields = new Fields(words, 2);
        switch (words[0]) {
            case "use" -> use(words[1]);
            case "do" -> act(words[1], fields);
            case "send" -> send(words[1], fields, step);
            case "expect" -> expect(words[1], words, fields);
            case "pass" -> venue.pass(Long.parseLong(words[1]));
            case "close" -> now.host.close();
            default -> throw new IOException("there is no such step");
        }
    }

    private void act(String what, Fields fields) throws IOException {
        switch (what) {
            case "initialize" -> now.host.initialize(fields.has("hdgst"), fields.has("ddgst"));
            case "connect" -> connect(fields);
            case "admin" -> {
                now.host.initialize(fields.has("hdgst"), fields.has("ddgst"));
                connect(fields);
                now.host.enable();
            }
            case "io" -> {
                now.host.initialize(fields.has("hdgst"), fields.has("ddgst"));
                connect(fields);
            }
            case "command" -> {
                send("command", fields, "");
                ended = now.completion(now.lastCid);
                expect("status", 0, ended.status());
            }
            default -> throw new IOException("there is no such step");
        }
    }

    private void connect(Fields fields) throws IOException {
        now.host.controllerId(controllerId);
        hostNqn = fields.text("hostnqn", hostNqn);
        send("connect", fields, "");
        NvmeTcpHost.Completion completion = now.completion(now.lastCid);
        expect("status of Connect", 0, completion.status());
        now.qid = fields.small("qid", 0);
        if (now.qid == 0) {
            controllerId = (int) completion.result() & 0xffff;
        }
    }

    private void send(String what, Fields fields, String step) throws IOException {
        for (int i = fields.small("times", 1); i > 0; i--) {
            now.send(pdu(what, fields, step).array());
        }
    }

    private Bytes pdu(String what, Fields fields, String step) throws IOException {
        return switch (what) {
            case "icreq" -> Pdus.icReq(fields);
            case "termreq" -> Pdus.termReq(fields);
            case "data" -> Pdus.hostData(now.host, now.answering, fields);
            case "command" -> Pdus.command(now.host, nextCid(fields), fields);
            case "connect" -> {
                now.host.controllerId(controllerId);
                yield Pdus.connect(now.host, nextCid(fields), subsystem, hostNqn, fields);
            }
            case "hex" -> new Bytes(HexFormat.of().parseHex(step.substring(9).replaceAll("\\s", "")));
            default -> throw new IOException("there is no such step");
        };
    }

    private int nextCid(Fields fields) {
        now.lastCid = fields.small("cid", now.host.cid());
        return now.lastCid;
    }

    private void expect(String what, String[] words, Fields fields) throws IOException {
        switch (what) {
            case "icresp" -> {
                Bytes header = now.next(NvmeTcpHost.ICRESP).header();
                expect("DGST", fields.number("dgst", header.u8(11)), header.u8(11));
                expect("CPDA", fields.number("cpda", header.u8(10)), header.u8(10));
            }
            case "term" -> {
                Bytes header = now.next(NvmeTcpHost.C2H_TERM_REQ).header();
                expect("FES", fields.number("fes", 0), header.u16(8));
                expect("FEI", fields.number("fei", header.u32(10)), header.u32(10));
            }
            case "status" -> expectStatus(words[2], new Fields(words, 3));
            case "r2t" -> now.nextR2t();
            case "data" -> expectData(fields);
            case "alive" -> act("command", now.qid == 0 ? KEEP_ALIVE : FLUSH);
            case "closed" -> expect(
                "the target closes", 1, now.host.closesWithin(fields.small("within", CLOSE_TIMEOUT_MS)) ? 1 : 0);
            default -> throw new IOException("there is no such step");
        }
    }

    private void expectStatus(String wanted, Fields fields) throws IOException {
        ended = now.completion(fields.small("cid", now.lastCid));
        String found = String.format("%x/%02x", ended.status() >> 8 & 7, ended.status() & 0xff);
        if (!java.util.Arrays.asList(wanted.split(",")).contains(found)) {
            throw new AssertionError("status is " + found + ", expected " + wanted);
        }
        if (fields.has("dnr")) {
            expect("DNR", fields.number("dnr", 1), (ended.status() & DNR) != 0 ? 1 : 0);
        }
        expect("the result", fields.number("result", ended.result()), ended.result());
        assert (ended.status() & STATUS) == 0 || ended.data().length == 0 : "data with a failure";
    }

    private void expectData(Fields fields) {
        byte[] data = ended.data();
        expect("bytes of data", fields.number("length", data.length), data.length);
        if (fields.has("fill")) {
            for (byte each : data) {
                expect("a byte of data", (byte) fields.small("fill", 0), each);
            }
        }
    }

    private static void expect(String what, long expected, long found) {
        if (expected != found) {
            throw new AssertionError(what + " is " + found + ", expected " + expected);
        }
    }
}
