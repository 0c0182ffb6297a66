package dev.karst.itests.rpc;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The bad inputs of JSON-RPC, as data: a file for each row, of lines as {@link RpcPlayer} knows them. In what is sent,
 * {@code \xNN} is a byte, and <code>%[3:ab]%</code> stands for {@code ababab}.
 *
 * <pre>
 * row J-01 no JSON
 * note where the answer is another than that of the table of bad inputs
 * case garbage
 *   send nonsense
 *   expect error -32700
 *   expect ended
 * </pre>
 */
public final class RpcBadInputs {
    private static final Pattern SPECIAL = Pattern.compile("\\\\x([0-9a-f]{2})|%\\[(\\d+):(.*?)\\]%");

    private RpcBadInputs() {}

    /** A case: what is done in order. */
    public record Case(String row, String name, List<String> steps) {
        @Override
        public String toString() {
            return row + ": " + name;
        }
    }

    /** All cases of a row's file, such as {@code J-03}. */
    public static List<Case> of(String row) {
        try (InputStream in = RpcBadInputs.class.getResourceAsStream("bad-input/" + row + ".txt")) {
            return parse(new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Case> parse(BufferedReader lines) throws IOException {
        List<Case> cases = new ArrayList<>();
        String row = "";
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String text = line.strip();
            if (text.startsWith("row ")) {
                row = text.substring(4, text.indexOf(' ', 4));
            } else if (text.startsWith("case ")) {
                cases.add(new Case(row, text.substring(5), new ArrayList<>()));
            } else if (!text.isEmpty() && !text.startsWith("note ")) {
                cases.getLast().steps().add(text);
            }
        }
        return cases;
    }

    /** The bytes that a text stands for. */
    static byte[] bytes(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Matcher special = SPECIAL.matcher(text);
        int from = 0;
        while (special.find()) {
            bytes.writeBytes(text.substring(from, special.start()).getBytes(StandardCharsets.UTF_8));
            if (special.group(1) != null) {
                bytes.write(Integer.parseInt(special.group(1), 16));
            } else {
                byte[] part = special.group(3).getBytes(StandardCharsets.UTF_8);
                for (int i = Integer.parseInt(special.group(2)); i > 0; i--) {
                    bytes.writeBytes(part);
                }
            }
            from = special.end();
        }
        bytes.writeBytes(text.substring(from).getBytes(StandardCharsets.UTF_8));
        return bytes.toByteArray();
    }
}
