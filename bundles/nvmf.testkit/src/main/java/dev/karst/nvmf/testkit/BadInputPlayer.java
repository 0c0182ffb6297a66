package dev.karst.nvmf.testkit;

import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
 * do namespace ...               one of the case's own, nsid= (5), of kind=malloc or null, with blocks= (128), md_size=,
 *                                dif_type=, md_interleave; it goes when the case is over. Its reservations can persist with ptpl
 * do remove, do add              takes a namespace (nsid=) of the case's own away; gives it back
 * do delete                      deletes its device
 * do resize mib=N                gives its device another size
 * do refer port=N                adds a referral, which goes when the case is over
 * do subsystem nqn= [hidden] [any]   one more, without a listener, for nobody or any host; it goes when the case is over
 * do keep                        keeps what the command that ended last brought
 * send command ... [times=N]     a capsule: any field of the command, data=BYTES in it, length= of the SGL; data is zeros
 *                                or fill=B, and put=OFFSET:BYTES:VALUE,... in it
 * send connect ...               a Connect: qid=, sqsize=, cntlid=, subnqn=, hostnqn=, hostid=
 * send data ...                  what the last R2T asked for
 * expect icresp|term ...         a PDU with these fields
 * expect status SCT/SC [cid=] [result=] [dnr]   the end of the last command; several by commas
 * expect r2t
 * expect all SCT/SC              the end of all commands of the connection that were not asked for yet
 * expect data length=N [fill=B] [at=OFFSET:BYTES:VALUE,...] [kept] [same=OFFSET:BYTES] [changed=OFFSET:BYTES]
 *                                what the command that ended last brought; all that was kept, a figure of it, or another one
 * expect alive [within=MS]       the queue serves a Keep Alive or a Flush
 * expect closed [within=MS]      the target closes
 * pass MS                        time passes
 * close                          this end closes
 * </pre>
 *
 * <p>A field that a step does not know is refused. With {@code flip=N} byte N of a PDU is spoilt, from the end if negative;
 * {@code cut=N} sends no more than N bytes.
 */
public final class BadInputPlayer {
    private static final int CLOSE_TIMEOUT_MS = 30_000;
    private static final String HOST = "nqn.2026-11.dev.karst:bad-host";
    private static final Fields KEEP_ALIVE = new Fields(new String[] {"opcode=0x18", "nsid=0"}, 0);
    private static final Fields FLUSH = new Fields(new String[] {"opcode=0", "nsid=1"}, 0);
    /** Steps whose third word is no field. */
    private static final Set<String> WITH_WORD = Set.of("expect status", "expect all");
    private static final int STATUS = 0x7ff;
    private static final int DNR = 0x4000;

    private final Venue venue;
    private final String subsystem;
    private final PlayedTarget target;
    private final Map<String, PlayedHost> hosts = new LinkedHashMap<>();
    private PlayedHost now;
    private int controllerId;
    private String hostNqn = HOST;
    private NvmeTcpHost.Completion ended;
    private byte[] kept;

    /** A player of one case. */
    public BadInputPlayer(Venue venue, String subsystem) {
        this.venue = venue;
        this.subsystem = subsystem;
        target = new PlayedTarget(venue, subsystem);
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
            target.restore();
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
        boolean hasWord = words.length > 1 && WITH_WORD.contains(words[0] + " " + words[1]);
        Fields fields = new Fields(step.startsWith("send hex ") ? new String[0] : words, hasWord ? 3 : 2);
        switch (words[0]) {
            case "use" -> use(words[1]);
            case "do" -> act(words, fields);
            case "send" -> send(words[1], fields, step);
            case "expect" -> expect(words[1], words, fields);
            case "pass" -> venue.pass(Long.parseLong(words[1]));
            case "close" -> {
                now.host.close();
                hosts.values().remove(now);
            }
            default -> throw new IOException("there is no such step");
        }
        fields.checkAllAsked();
    }

    private void act(String[] words, Fields fields) throws IOException {
        switch (words[1]) {
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
            case "command" -> command(fields);
            case "keep" -> kept = ended.data();
            default -> target.act(words[1], fields);
        }
    }

    private void command(Fields fields) throws IOException {
        send("command", fields, "");
        ended = now.completion(now.lastCid);
        expect("status", 0, ended.status());
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
        now.open.add(now.lastCid);
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
            case "status" -> expectStatus(words[2], fields);
            case "all" -> {
                for (int cid : List.copyOf(now.open)) {
                    ended = now.completion(cid);
                    expectStatus(words[2]);
                }
            }
            case "r2t" -> now.nextR2t();
            case "data" -> expectData(fields);
            case "alive" -> {
                now.host.patience(fields.small("within", NvmeTcpHost.PATIENCE_MS));
                command(now.qid == 0 ? KEEP_ALIVE : FLUSH);
                now.host.patience(NvmeTcpHost.PATIENCE_MS);
            }
            case "closed" -> expect(
                "the target closes", 1, now.host.closesWithin(fields.small("within", CLOSE_TIMEOUT_MS)) ? 1 : 0);
            default -> throw new IOException("there is no such step");
        }
    }

    private void expectStatus(String wanted, Fields fields) throws IOException {
        ended = now.completion(fields.small("cid", now.lastCid));
        expectStatus(wanted);
        if (fields.has("dnr")) {
            expect("DNR", fields.number("dnr", 1), (ended.status() & DNR) != 0 ? 1 : 0);
        }
        expect("the result", fields.number("result", ended.result()), ended.result());
    }

    private void expectStatus(String wanted) {
        String found = String.format("%x/%02x", ended.status() >> 8 & 7, ended.status() & 0xff);
        if (!List.of(wanted.split(",")).contains(found)) {
            throw new AssertionError("status is " + found + ", expected " + wanted);
        }
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
        for (Fields.Figure figure : fields.figures("at")) {
            expect("what is at " + figure.offset(), figure.value(), figure.in(data));
        }
        if (fields.has("kept")) {
            expect("what differs first from the data that was kept", -1, Arrays.mismatch(kept, data));
        }
        for (Fields.Figure figure : fields.figures("same")) {
            expect("what is at " + figure.offset(), figure.in(kept), figure.in(data));
        }
        for (Fields.Figure figure : fields.figures("changed")) {
            expect("whether what is at " + figure.offset() + " changed", 1, figure.in(data) == figure.in(kept) ? 0 : 1);
        }
    }

    private static void expect(String what, long expected, long found) {
        if (expected != found) {
            throw new AssertionError(what + " is " + found + ", expected " + expected);
        }
    }
}
