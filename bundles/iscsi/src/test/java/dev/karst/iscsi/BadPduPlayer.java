package dev.karst.iscsi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.nvmf.testkit.BadInputs;
import dev.karst.nvmf.testkit.Fields;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Plays a bad input against a target and says what was not as it should be. The steps of a case:
 *
 * <pre>
 * use NAME                         goes on with that connection, which is made when it is first named
 * do login|discover KEY=VALUE ...  a login to the node or for discovery, with these keys, that succeeds
 * do join                          a further connection of the session that logged in last
 * send PDU name=value ...          one of login, tur, read, write, nop, tmf, text, logout, out, snack; any of its figures can be set
 *                                  ({@link #FIGURES}); data=BYTES of zeros, text=KEY=VALUE,KEY=VALUE; N:SIZE=VALUE for a place;
 *                                  spoil=header|data for a wrong digest, short=N to send no more than N bytes
 * send hex ...                     bytes
 * expect PDU name=value ...        the next PDU; reject, response, in, r2t, nop, tmf, text, logout, login, async; key= and asc= of sense
 *                                  data, has=TEXT and lacks=TEXT of text
 * expect alive                     a command succeeds
 * expect silence                   nothing comes for a second
 * expect closed [within=MS]        the target closes
 * expect block lba=N fill=B        what the disk holds
 * pass MS                          time passes
 * hold, let-go                     commands stay with the device, and do not any more
 * </pre>
 */
final class BadPduPlayer {
    private static final Map<String, Integer> OPCODES = Map.ofEntries(
        Map.entry("nop", 0x20), Map.entry("response", 0x21), Map.entry("tmf", 0x22), Map.entry("login", 0x23), Map.entry("text", 0x24),
        Map.entry("in", 0x25), Map.entry("logout", 0x26), Map.entry("r2t", 0x31), Map.entry("async", 0x32), Map.entry("reject", 0x3f));
    /** Where figures lie, and how long they are. */
    private static final Map<String, int[]> FIGURES = Map.ofEntries(
        Map.entry("op", new int[] {0, 1}), Map.entry("flags", new int[] {1, 1}), Map.entry("byte2", new int[] {2, 1}),
        Map.entry("byte3", new int[] {3, 1}), Map.entry("ahs", new int[] {4, 1}), Map.entry("length", new int[] {5, 3}),
        Map.entry("lun", new int[] {8, 8}), Map.entry("isid", new int[] {8, 6}), Map.entry("tsih", new int[] {14, 2}),
        Map.entry("itt", new int[] {16, 4}), Map.entry("ttt", new int[] {20, 4}), Map.entry("edtl", new int[] {20, 4}),
        Map.entry("cid", new int[] {20, 2}), Map.entry("cmdsn", new int[] {24, 4}), Map.entry("statsn", new int[] {24, 4}),
        Map.entry("refcmdsn", new int[] {32, 4}), Map.entry("status", new int[] {36, 2}), Map.entry("event", new int[] {36, 1}),
        Map.entry("datasn", new int[] {36, 4}), Map.entry("offset", new int[] {40, 4}), Map.entry("desired", new int[] {44, 4}),
        Map.entry("residual", new int[] {44, 4}));
    private static final int CLOSE_MS = 70_000;

    private final Bench bench;
    private final Map<String, Initiator> all = new LinkedHashMap<>();
    private Initiator now;
    private Initiator loggedIn;
    /** The last R2T. */
    private Pdu asked;

    BadPduPlayer(Bench bench) {
        this.bench = bench;
    }

    void play(BadInputs.Case bad) throws Exception {
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
            for (Initiator initiator : all.values()) {
                initiator.close();
            }
        }
    }

    private void use(String name) throws Exception {
        now = all.get(name);
        if (now == null) {
            now = bench.initiator();
            all.put(name, now);
        }
    }

    private void step(String[] words, String step) throws Exception {
        switch (words[0]) {
            case "use" -> use(words[1]);
            case "do" -> act(words);
            case "send" -> send(words, step);
            case "expect" -> expect(words);
            case "pass" -> bench.world.runFor(Long.parseLong(words[1]));
            case "hold" -> bench.devices.holds = true;
            case "let-go" -> bench.devices.letGo();
            default -> throw new IOException("there is no such step");
        }
    }

    private void act(String[] words) throws Exception {
        String[] keys = List.of(words).subList(2, words.length).toArray(String[]::new);
        switch (words[1]) {
            case "login" -> now.loginTo(Bench.NODE, keys);
            case "discover" -> now.discover();
            case "join" -> {
                now.tsih = loggedIn.tsih;
                now.cid = loggedIn.cid + 1;
                now.cmdSn = loggedIn.cmdSn;
                now.loginTo(Bench.NODE, keys);
            }
            default -> throw new IOException("there is no such act");
        }
        loggedIn = now;
    }

    private void send(String[] words, String step) throws Exception {
        if (words[1].equals("hex")) {
            now.sendBytes(HexFormat.of().parseHex(step.substring("send hex ".length()).replace(" ", "")));
            return;
        }
        Fields fields = new Fields(words, 2);
        Pdu pdu = pdu(words[1], fields);
        if (fields.has("data")) {
            pdu.data(new byte[fields.small("data", 0)]);
        }
        if (fields.has("text")) {
            pdu.data(Pdu.text(fields.text("text", "").split(",")));
        }
        if (fields.has("raw")) {
            pdu.data(fields.text("raw", "").replace("#", "\0").getBytes(StandardCharsets.UTF_8));
        }
        for (Map.Entry<String, int[]> figure : FIGURES.entrySet()) {
            if (fields.has(figure.getKey())) {
                pdu.set(figure.getValue()[0], figure.getValue()[1], fields.number(figure.getKey(), 0));
            }
        }
        byte[] extra = HexFormat.of().parseHex(fields.text("more", ""));
        String spoilt = fields.text("spoil", "");
        int most = fields.small("short", Integer.MAX_VALUE);
        fields.checkAllAsked();
        now.send(pdu, extra, spoilt, most);
    }

    private Pdu pdu(String kind, Fields fields) throws IOException {
        int lba = fields.small("lba", 0);
        int blocks = fields.small("blocks", 1);
        return switch (kind) {
            case "login" -> now.login(fields.small("csg", 1), fields.small("nsg", 3), !fields.has("stay"),
                "InitiatorName=" + Initiator.NAME, "TargetName=" + Bench.NODE);
            case "tur" -> now.command(0, 0, new byte[6]);
            case "read" -> now.command(0x40, blocks * 512, Initiator.cdb10(0x28, lba, blocks));
            case "write" -> now.command(0x20, blocks * 512, Initiator.cdb10(0x2a, lba, blocks));
            case "nop" -> Pdu.of(0x00).set(16, 4, now.nextItt++).set(20, 4, Pdu.NONE).set(24, 4, now.cmdSn++);
            case "tmf" -> Pdu.of(0x42).set(1, 1, 0x80 | fields.small("function", 1)).set(16, 4, now.nextItt++).set(20, 4, Pdu.NONE)
                .set(24, 4, now.cmdSn);
            case "text" -> Pdu.of(0x04).set(16, 4, now.nextItt++).set(20, 4, Pdu.NONE).set(24, 4, now.cmdSn++);
            case "logout" -> Pdu.of(0x46).set(16, 4, now.nextItt++).set(24, 4, now.cmdSn);
            case "snack" -> Pdu.of(0x10).set(16, 4, now.nextItt - 1).set(20, 4, Pdu.NONE);
            case "out" -> now.dataOut(now.nextItt - 1, asked == null ? Pdu.NONE : (int) asked.get(20, 4), 0,
                asked == null ? 0 : (int) asked.get(40, 4), true, new byte[0]);
            default -> throw new IOException("there is no such PDU");
        };
    }

    private void expect(String[] words) throws Exception {
        Fields fields = new Fields(words, 2);
        switch (words[1]) {
            case "alive" -> {
                Pdu probe = now.command(0, 0, new byte[6]);
                now.send(probe);
                Pdu answer = now.receive();
                assertEquals(0x21, answer.opcode(), answer::toString);
                assertEquals(probe.itt(), answer.itt(), "ITT");
            }
            case "silence" -> expectSilence();
            case "closed" -> assertTrue(now.isClosedByTarget(fields.small("within", CLOSE_MS)));
            case "block" -> {
                for (int i = 0; i < 512; i++) {
                    assertEquals((byte) fields.small("fill", 0), bench.devices.disk[fields.small("lba", 0) * 512 + i], "byte " + i);
                }
            }
            default -> expect(words[1], fields);
        }
        fields.checkAllAsked();
    }

    private void expectSilence() throws IOException {
        try {
            throw new AssertionError("it says " + now.receive(1_000));
        } catch (java.io.EOFException e) {
            throw e;
        } catch (IOException e) {
            assertTrue(e.getMessage().startsWith("nothing came"), e::getMessage);
        }
    }

    private void expect(String kind, Fields fields) throws IOException {
        Pdu pdu = now.receive();
        assertEquals(OPCODES.get(kind), pdu.opcode(), pdu::toString);
        if (kind.equals("r2t")) {
            asked = pdu;
        }
        if (kind.equals("login")) {
            now.expStatSn = (int) pdu.get(24, 4) + 1;
        }
        List<String> wrong = new ArrayList<>();
        for (Map.Entry<String, int[]> figure : FIGURES.entrySet()) {
            int[] place = figure.getValue();
            if (fields.has(figure.getKey()) && pdu.get(place[0], place[1]) != fields.number(figure.getKey(), 0)) {
                wrong.add(figure.getKey() + " is " + pdu.get(place[0], place[1]));
            }
        }
        if (fields.has("key")) {
            int key = pdu.data.length < 16 ? -1 : pdu.data[4] & 0xf;
            int asc = pdu.data.length < 16 ? -1 : (pdu.data[14] & 0xff) << 8 | pdu.data[15] & 0xff;
            if (key != fields.number("key", 0) || asc != fields.number("asc", 0)) {
                wrong.add("sense is %x/%04x".formatted(key, asc));
            }
        }
        String text = new String(pdu.data, StandardCharsets.UTF_8);
        if (fields.has("has") && !text.contains(fields.text("has", "")) || fields.has("lacks") && text.contains(fields.text("lacks", ""))) {
            wrong.add("text is " + pdu.pairs());
        }
        assertEquals(List.of(), wrong, pdu::toString);
    }
}
