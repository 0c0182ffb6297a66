package dev.karst.itests.rpc;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Plays a bad input against a transport and says what was not as it should be. The steps of a case:
 *
 * <pre>
 * send TEXT                     a document, or what should be one
 * call METHOD [PARAMETERS]      a request of that method; PARAMETERS as JSON
 * slowly MS TEXT                byte by byte
 * expect error CODE [WORDS]     the next answer is that error, and its message holds the words
 * expect result [WORDS]         the next answer is a result, and its text holds the words
 * expect batch CODE,...         the next answer is an array of such errors; 0 for a result
 * expect nothing                no answer is due
 * expect ended                  the server ends the connection; by HTTP its status may say that instead
 * expect alive                  a call that is right is answered, on this connection or, after an end, the next
 * again                         a new connection; the old one is closed without a word
 * </pre>
 *
 * A step with {@code socket:} or {@code http:} before it is for that transport alone.
 */
public final class RpcPlayer {
    /** No answer may hold it: rows use it as the value of secrets. */
    public static final String SECRET = "S3CRET";
    private static final String PROBE = "{\"jsonrpc\":\"2.0\",\"id\":\"alive\",\"method\":\"spdk_get_version\"}";

    private final String transport;
    private final RpcClient.Way way;
    private RpcClient client;

    /** A player over a transport: {@code socket} or {@code http}. */
    public RpcPlayer(String transport, RpcClient.Way way) {
        this.transport = transport;
        this.way = way;
    }

    /** Plays it, and ends with a look whether the transport still serves; fails with the step that went wrong. */
    public void play(RpcBadInputs.Case bad) throws IOException {
        client = way.connect();
        String now = "";
        try {
            for (String step : bad.steps()) {
                now = step;
                int colon = step.indexOf(": ");
                String only = colon == 4 || colon == 6 ? step.substring(0, colon) : "";
                boolean restricted = only.equals("socket") || only.equals("http");
                if (!restricted) {
                    step(step);
                } else if (only.equals(transport)) {
                    step(step.substring(colon + 2));
                }
            }
            now = "a new connection is served";
            step("again");
            step("expect alive");
        } catch (IOException | RuntimeException | AssertionError e) {
            throw new AssertionError(transport + ": " + bad + ": " + now.substring(0, Math.min(now.length(), 200)) + ": "
                + e.getMessage(), e);
        } finally {
            client.close();
        }
    }

    private void step(String step) throws IOException {
        String[] words = step.split(" ", 3);
        String rest = words.length > 1 ? step.substring(words[0].length() + 1) : "";
        switch (words[0]) {
            case "send" -> client.send(RpcBadInputs.bytes(rest));
            case "call" -> client.send(RpcBadInputs.bytes("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + words[1] + "\""
                + (words.length > 2 ? ",\"params\":" + words[2] : "") + "}"));
            case "slowly" -> client.sendSlowly(RpcBadInputs.bytes(words[2]), Long.parseLong(words[1]));
            case "again" -> {
                client.close();
                client = way.connect();
            }
            case "expect" -> expect(words[1], words.length > 2 ? words[2] : "");
            default -> throw new IOException("there is no such step");
        }
    }

    private void expect(String what, String rest) throws IOException {
        switch (what) {
            case "error" -> {
                String[] words = rest.split(" ", 2);
                Object answer = receive();
                check(Long.parseLong(words[0]) == code(answer), "the answer is " + cut(answer));
                check(words.length == 1 || answer.toString().contains(words[1]), "the answer is " + cut(answer));
            }
            case "result" -> {
                Object answer = receive();
                check(code(answer) == 0 && answer.toString().contains(rest), "the answer is " + cut(answer));
            }
            case "batch" -> {
                List<Long> codes = new ArrayList<>();
                for (Object answer : (List<?>) receive()) {
                    codes.add(code(answer));
                }
                List<Long> expected = Arrays.stream(rest.split(",")).map(Long::parseLong).toList();
                check(expected.equals(codes), "the codes are " + codes);
            }
            case "nothing" -> {
                if (transport.equals("http")) {
                    check(client.receive() == null && client.isAccepted(), "there is an answer");
                }
                expect("alive", "");
            }
            case "ended" -> check(client.isEnded(), "the connection goes on");
            case "alive" -> {
                client.send(RpcBadInputs.bytes(PROBE));
                Object answer = receive();
                check("alive".equals(((Map<?, ?>) answer).get("id")), "the answer is " + cut(answer));
            }
            default -> throw new IOException("there is no such step");
        }
    }

    private Object receive() throws IOException {
        Object answer = client.receive();
        check(!String.valueOf(answer).contains(SECRET), "a secret is in the answer: " + cut(answer));
        return answer;
    }

    private static long code(Object answer) {
        Object error = ((Map<?, ?>) answer).get("error");
        return error == null ? 0 : (Long) ((Map<?, ?>) error).get("code");
    }

    private static String cut(Object answer) {
        String text = String.valueOf(answer);
        return text.substring(0, Math.min(text.length(), 300));
    }

    private static void check(boolean right, String message) {
        if (!right) {
            throw new AssertionError(message);
        }
    }
}
