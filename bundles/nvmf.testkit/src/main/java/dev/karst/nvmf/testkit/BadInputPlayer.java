package dev.karst.nvmf.testkit;

import java.io.IOException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** Plays a bad input against a target and says what was not as it should be. */
public final class BadInputPlayer {
    private static final int CLOSE_TIMEOUT_MS = 30_000;
    private static final String HOST = "nqn.2026-11.dev.karst:bad-host";

    private final NvmeTcpHost host;
    private final String subsystem;
    private NvmeTcpHost.Received last;

    /** A player on a connection that nothing has been sent on yet. */
    public BadInputPlayer(NvmeTcpHost host, String subsystem) {
        this.host = host;
        this.subsystem = subsystem;
    }

    /**
     * Plays all steps.
     *
     * @throws AssertionError naming case and step, when an answer is not the expected one
     */
    public void play(BadInputs.Case bad) {
        for (String step : bad.steps()) {
            try {
                step(step);
            } catch (IOException | AssertionError e) {
                throw new AssertionError(bad + ": at '" + step + "': " + e.getMessage(), e);
            }
        }
    }

    private void step(String step) throws IOException {
        String[] words = step.split("\\s+");
        Map<String, Long> fields = fields(words);
        switch (words[0] + " " + words[1]) {
            case "send icreq" -> host.send(change(NvmeTcpHost.icReq(0), ICREQ, fields));
            case "send capsule" -> host.send(change(host.capsule(command(fields), data(fields)), CAPSULE, fields));
            case "send hostdata" -> host.send(change(host.hostData(0, 0, 0, data(fields), true), DATA, fields));
            case "send hex" -> host.send(new Bytes(HexFormat.of().parseHex(step.substring(9).replaceAll("\\s", ""))));
            case "do initialize" -> host.initialize(fields.containsKey("hdgst"), fields.containsKey("ddgst"));
            case "do connect" -> expect("status of Connect", 0, host.connect(subsystem, HOST, 0, 32).status());
            case "expect icresp" -> expectPdu(NvmeTcpHost.ICRESP, fields, Map.of("dgst", 11, "cpda", 10));
            case "expect term" -> expectTerm(fields);
            case "expect closed" -> expect("the target closes", 1, host.closesWithin(CLOSE_TIMEOUT_MS) ? 1 : 0);
            default -> throw new IOException("there is no such step");
        }
    }

    /** Offsets and sizes of the fields that a case may set, by name. */
    private static final Map<String, int[]> COMMON = Map.of(
        "type", new int[] {0, 1}, "flags", new int[] {1, 1}, "hlen", new int[] {2, 1}, "pdo", new int[] {3, 1},
        "plen", new int[] {4, 4});
    private static final Map<String, int[]> ICREQ =
        Map.of("pfv", new int[] {8, 2}, "hpda", new int[] {10, 1}, "dgst", new int[] {11, 1});
    private static final Map<String, int[]> CAPSULE = Map.of("opcode", new int[] {8, 1}, "cid", new int[] {10, 2});
    private static final Map<String, int[]> DATA = Map.of(
        "cccid", new int[] {8, 2}, "ttag", new int[] {10, 2}, "datao", new int[] {12, 4}, "datal", new int[] {16, 4});

    private static Bytes change(Bytes pdu, Map<String, int[]> own, Map<String, Long> fields) throws IOException {
        for (Map.Entry<String, Long> field : fields.entrySet()) {
            int[] place = COMMON.getOrDefault(field.getKey(), own.get(field.getKey()));
            if (place != null) {
                pdu.set(place[0], place[1], field.getValue());
            } else if (!field.getKey().equals("data")) {
                throw new IOException("there is no field " + field.getKey());
            }
        }
        return pdu;
    }

    private static Bytes command(Map<String, Long> fields) {
        byte[] data = data(fields);
        return NvmeTcpHost.sqe(0x7f, 1, data.length, true).set(2, 2, 1);
    }

    private static byte[] data(Map<String, Long> fields) {
        return new byte[fields.getOrDefault("data", 0L).intValue()];
    }

    private void expectTerm(Map<String, Long> fields) throws IOException {
        expectPdu(NvmeTcpHost.C2H_TERM_REQ, Map.of(), Map.of());
        expect("FES", fields.get("fes"), last.header().u16(8));
        if (fields.containsKey("fei")) {
            expect("FEI", fields.get("fei"), last.header().u32(10));
        }
    }

    private void expectPdu(int type, Map<String, Long> fields, Map<String, Integer> offsets) throws IOException {
        last = host.receive();
        expect("PDU type", type, last.type());
        for (Map.Entry<String, Long> field : fields.entrySet()) {
            expect(field.getKey(), field.getValue(), last.header().u8(offsets.get(field.getKey())));
        }
    }

    private static void expect(String what, long expected, long found) {
        if (expected != found) {
            throw new AssertionError(what + " is " + found + ", expected " + expected);
        }
    }

    private static Map<String, Long> fields(String[] words) {
        Map<String, Long> fields = new LinkedHashMap<>();
        for (int i = 2; i < words.length; i++) {
            String[] pair = words[i].split("=");
            fields.put(pair[0], pair.length == 1 ? 1 : Long.decode(pair[1]));
        }
        return fields;
    }
}
