package dev.karst.iscsi.login;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.iscsi.model.AuthPolicy;
import dev.karst.iscsi.model.IscsiOptions;
import dev.karst.nvmf.testkit.FuzzInput;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Bytes as the text of a request: the pairs are those that a second reading finds, and each answer to them is the one that RFC 7143
 * says. Half of the inputs are text as it is, half choose among keys and values. {@link #fuzzerTestOneInput} is also the entry for
 * a fuzzer that is guided by coverage.
 */
class TextKeysFuzzTest {
    private static final int INPUTS = 60_000;
    private static final String[] KEYS = {"MaxConnections", "InitialR2T", "ImmediateData", "MaxBurstLength", "FirstBurstLength",
        "MaxOutstandingR2T", "DataPDUInOrder", "DataSequenceInOrder", "MaxRecvDataSegmentLength", "HeaderDigest", "DataDigest",
        "DefaultTime2Wait", "DefaultTime2Retain", "ErrorRecoveryLevel", "IFMarker", "OFMarkInt", "TaskReporting", "iSCSIProtocolLevel",
        "InitiatorName", "SessionType", "X-com.example.key", "Y#1", "a b", ""};
    private static final String[] VALUES = {"Yes", "No", "yes", "0", "1", "2", "511", "512", "0x200", "0X1ff", "0x", "8192", "65536",
        "16777215", "16777216", "4294967296", "99999999999", "-1", "+1", " 1", "None", "CRC32C", "CRC32C,None", "None,CRC32C", "MD5,CRC32C",
        "", ",", "RFC3720", "RFC5048,RFC3720", "a=b", "\u00fc"};
    /** By key: least, most, and most that the target has. */
    private static final Map<String, int[]> LOWEST = Map.of("MaxBurstLength", new int[] {512, 0xffffff, 1 << 20},
        "MaxOutstandingR2T", new int[] {1, 0xffff, 4}, "ErrorRecoveryLevel", new int[] {0, 2, 0},
        "DefaultTime2Retain", new int[] {0, 3600, 20}, "iSCSIProtocolLevel", new int[] {0, 31, 1});

    private final Map<String, Integer> seen = new TreeMap<>();
    private Function<byte[], SequencedMap<String, String>> parser = TextKeys::parse;
    private UnaryOperator<String> alteration = UnaryOperator.identity();

    /** One input. */
    public static void fuzzerTestOneInput(byte[] input) {
        new TextKeysFuzzTest().hold(input);
    }

    private void hold(byte[] input) {
        FuzzInput choices = new FuzzInput(input);
        int way = choices.next();
        byte[] text = (way & 1) == 0 ? Arrays.copyOfRange(input, Math.min(1, input.length), input.length) : compose(choices);
        SequencedMap<String, String> pairs = parser.apply(text);
        assertEquals(readAgain(text), pairs == null ? null : new ArrayList<>(pairs.entrySet()), "the pairs of the text");
        seen.merge(pairs == null ? "no text" : "text", 1, Integer::sum);
        if (pairs == null) {
            return;
        }
        var written = new TextKeys();
        pairs.forEach(written::add);
        assertEquals(pairs, TextKeys.parse(written.bytes()), "what was written");
        negotiate(pairs, way);
    }

    private static byte[] compose(FuzzInput choices) {
        var text = new ByteArrayOutputStream();
        while (choices.hasMore() && text.size() < 2 * TextKeys.MAX_BYTES) {
            String key = KEYS[choices.small(KEYS.length)];
            String value = VALUES[choices.small(VALUES.length)];
            int spoilt = choices.small(200);
            String more = spoilt < 3 ? "k".repeat(63 * spoilt) : "";
            String long8k = spoilt == 3 ? "v".repeat(8190) : "";
            text.writeBytes((more + key + (spoilt == 4 ? "" : "=") + long8k + value).getBytes(StandardCharsets.UTF_8));
            text.write(spoilt == 5 ? 0xff : 0);
        }
        return text.toByteArray();
    }

    /** The pairs as a second reading finds them, from byte to byte; null for what is no such text. RFC 7143, 6.1. */
    private static List<Map.Entry<String, String>> readAgain(byte[] text) {
        if (!Arrays.equals(text, new String(text, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8))) {
            return null;
        }
        Map<String, String> pairs = new LinkedHashMap<>();
        for (int at = 0; at < text.length; ) {
            int end = at;
            int equals = -1;
            while (end < text.length && text[end] != 0) {
                equals = equals < 0 && text[end] == '=' ? end : equals;
                end++;
            }
            if (end > at) {
                String key = equals < 0 ? "" : new String(text, at, equals - at, StandardCharsets.UTF_8);
                String value = equals < 0 ? "" : new String(text, equals + 1, end - equals - 1, StandardCharsets.UTF_8);
                if (!key.matches("[A-Za-z0-9.+@_#-]{1,63}") || value.length() > 8192 || pairs.containsKey(key) || pairs.size() == 256) {
                    return null;
                }
                pairs.put(key, value);
            }
            at = end + 1;
        }
        return new ArrayList<>(pairs.entrySet());
    }

    private void negotiate(Map<String, String> offered, int way) {
        boolean isDiscovery = (way & 2) != 0;
        var usual = IscsiOptions.USUAL;
        boolean immediate = (way & 4) != 0;
        IscsiOptions options = new IscsiOptions(usual.nodeBase(), 128, 2, 64, 2, 20, immediate ? 8192 : 1 << 20, immediate, 60, 30,
            AuthPolicy.FREE, 4, usual.pools());
        var parameters = new Parameters();
        var negotiation = new Negotiation(parameters, options, isDiscovery);
        negotiation.require((way & 8) != 0, (way & 16) != 0);
        var text = new TextKeys();
        assertTrue(negotiation.negotiate(offered, text), "each key once");
        SequencedMap<String, String> answers = TextKeys.parse(text.bytes());
        // A key that is declared may stand beside the answer to what the initiator declared, if that was nothing.
        assertTrue(answers != null || isRefused(offered, "MaxRecvDataSegmentLength"), "answers that are no text");
        if (answers != null) {
            answers.replaceAll((_, value) -> alteration.apply(value));
            assertTrue(offered.keySet().containsAll(answers.keySet().stream().filter(key -> !isDeclared(key)).toList()), "not asked for");
            offered.forEach((key, value) -> judge(key, value, answers.get(key), isDiscovery, way));
        }
        assertTrue(parameters.firstBurst <= parameters.maxBurst && parameters.firstBurst >= 512, "FirstBurstLength");
        assertTrue(parameters.maxBurst <= Parameters.MAX_BURST && parameters.maxOutstandingR2t >= 1, "MaxBurstLength");
        assertTrue(parameters.initiatorMaxRecv >= 512 && parameters.initiatorMaxRecv <= 0xffffff, "MaxRecvDataSegmentLength");
        assertTrue(parameters.maxConnections == 1 || parameters.initialR2t, "unsolicited data on several connections");
        assertFalse((way & 8) != 0 && negotiation.isGood() && !parameters.headerDigest, "a digest that is asked for");
        assertEquals(offered.isEmpty(), negotiation.negotiate(offered, new TextKeys()), "a key twice");
    }

    private static boolean isDeclared(String key) {
        return key.equals("MaxRecvDataSegmentLength");
    }

    private static boolean isRefused(Map<String, String> offered, String key) {
        return offered.containsKey(key) && number(offered.get(key), 512, 0xffffff) < 0;
    }

    private void judge(String key, String value, String answer, boolean isDiscovery, int way) {
        int[] limits = LOWEST.get(key);
        boolean irrelevant = isDiscovery && !List.of("ErrorRecoveryLevel", "DefaultTime2Retain", "iSCSIProtocolLevel").contains(key);
        if (isDeclared(key) || List.of("InitiatorName", "InitiatorAlias", "TargetName", "SessionType").contains(key)) {
            assertTrue(isDeclared(key) || answer == null, "an answer to what is declared");
            return;
        }
        assertNotNull(answer, () -> "no answer to " + key);
        seen.merge(answer.matches("[0-9]+") ? "number" : answer, 1, Integer::sum);
        if (limits != null && !irrelevant) {
            long number = number(value, limits[0], limits[1]);
            assertEquals(number < 0 ? "Reject" : Long.toString(Math.min(number, limits[2])), answer, key);
        } else if (key.equals("HeaderDigest") || key.equals("DataDigest")) {
            boolean must = (way & (key.startsWith("H") ? 8 : 16)) != 0;
            String first = Arrays.stream(value.split(",")).filter(each -> each.equals("CRC32C") || !must && each.equals("None"))
                .findFirst().orElse("Reject");
            assertEquals(first, answer, key);
        } else if (!isDiscovery && key.equals("ImmediateData")) {
            assertEquals(!value.equals("Yes") && !value.equals("No") ? "Reject" : value.equals("Yes") && (way & 4) != 0 ? "Yes" : "No",
                answer, key);
        } else if (!isDiscovery && (key.equals("DataPDUInOrder") || key.equals("DataSequenceInOrder"))) {
            assertEquals(value.equals("Yes") || value.equals("No") ? "Yes" : "Reject", answer, key);
        } else if (!Arrays.asList(KEYS).contains(key)) {
            assertTrue(!isDiscovery || !answer.equals("Yes"), key);
        }
    }

    private static long number(String value, long least, long most) {
        boolean hex = value.length() > 1 && value.charAt(0) == '0' && (value.charAt(1) | 32) == 'x';
        String digits = hex ? value.substring(2) : value;
        long number = 0;
        for (char c : digits.toCharArray()) {
            int digit = c > 'f' ? -1 : Character.digit(c, hex ? 16 : 10);
            if (digit < 0) {
                return -1;
            }
            number = Math.min(number * (hex ? 16 : 10) + digit, Integer.MAX_VALUE);
        }
        return digits.isEmpty() || digits.length() > (hex ? 8 : 10) || number < least || number > most ? -1 : number;
    }

    private TextKeysFuzzTest play(int inputs) {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < inputs; i++) {
            byte[] input = new byte[1 + random.nextInt(24)];
            random.nextBytes(input);
            input[0] |= (byte) (random.nextInt(4) == 0 ? 0 : 1);
            hold(input);
        }
        return this;
    }

    @Test
    void shouldReadAndAnswerAsTheStandardSaysWhateverIsSent() {
        Map<String, Integer> seen = play(INPUTS).seen;
        for (String what : List.of("text", "no text", "number", "Reject", "Yes", "No", "None", "CRC32C", "NotUnderstood", "Irrelevant")) {
            assertTrue(seen.getOrDefault(what, 0) > 100, () -> "too few of " + what + ": " + seen);
        }
    }

    @Test
    void shouldFindEachBugWhenItIsPlanted() {
        Map<String, Function<byte[], SequencedMap<String, String>>> parsers = Map.of(
            "bytes that are no text", bytes -> TextKeys.parse(new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8)),
            "the first of what comes twice", bytes -> TextKeys.parse(bytes.length > 30 ? Arrays.copyOf(bytes, 30) : bytes),
            "nothing is wrong", bytes -> TextKeys.parse(bytes) == null ? new LinkedHashMap<>() : TextKeys.parse(bytes));
        Map<String, UnaryOperator<String>> alterations = Map.of(
            "more than there is", value -> value.equals("1048576") ? "16777215" : value,
            "Yes to everything", value -> value.equals("No") ? "Yes" : value,
            "never refused", value -> value.equals("Reject") ? "0" : value,
            "no digest", value -> value.equals("CRC32C") ? "None" : value);
        List<String> unnoticed = new ArrayList<>();
        parsers.forEach((bug, planted) -> {
            var test = new TextKeysFuzzTest();
            test.parser = planted;
            test.note(bug, unnoticed);
        });
        alterations.forEach((bug, planted) -> {
            var test = new TextKeysFuzzTest();
            test.alteration = planted;
            test.note(bug, unnoticed);
        });
        assertEquals(List.of(), unnoticed);
    }

    private void note(String bug, List<String> unnoticed) {
        try {
            play(5000);
            unnoticed.add(bug);
        } catch (AssertionError e) {
            assertNotNull(e.getMessage());
        }
    }
}
