package dev.karst.rpc.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Streams of documents, whole, in pieces and damaged. {@link #fuzzerTestOneInput} is also the entry for a fuzzer that is guided
 * by coverage; its input is where the stream is split, and the stream.
 */
class JsonReaderFuzzTest {
    private static final JsonReader.Limits LIMITS = new JsonReader.Limits(1 << 20, 100_000);
    private static final long SEED = 20_261_122;
    private static final String[] GAPS = {"", " ", "\n", "\r\n\t", "\t\t\n"};

    private final Random random = new Random(SEED);

    /** Gives what one read gives on a socket: no more than has arrived. */
    private static final class Pieces extends InputStream {
        private final byte[] bytes;
        private final int[] ends;
        private int position;
        private int piece;

        Pieces(byte[] bytes, int... ends) {
            this.bytes = bytes;
            this.ends = ends;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            if (position == bytes.length) {
                return -1;
            }
            while (piece < ends.length && ends[piece] <= position) {
                piece++;
            }
            int end = piece < ends.length ? ends[piece] : bytes.length;
            int count = Math.min(length, end - position);
            System.arraycopy(bytes, position, target, offset, count);
            position += count;
            return count;
        }
    }

    /** One input. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length > 1) {
            byte[] stream = Arrays.copyOfRange(input, 1, input.length);
            Outcome whole = outcome(new ByteArrayInputStream(stream));
            int split = 1 + (input[0] & 0xff) % stream.length;
            assertEquals(whole, outcome(new Pieces(stream, split)), "in two pieces");
            for (Object document : whole.documents) {
                String text = Json.text(document);
                // JSON has no such number, so 1e999 is written as a string.
                if (!text.contains("Infinity")) {
                    assertEquals(List.of(document), outcome(stream(text)).documents, "written and read");
                }
            }
        }
    }

    /** What was read, and what then stood in the way. */
    private record Outcome(List<Object> documents, String refusal) {}

    private static Outcome outcome(InputStream input) {
        JsonReader reader = JsonReader.of(input, LIMITS);
        List<Object> documents = new ArrayList<>();
        try {
            while (reader.next()) {
                documents.add(Objects.requireNonNullElse(reader.document(), "null"));
            }
            return new Outcome(documents, "");
        } catch (JsonException e) {
            assertFalse(e.getMessage().contains("\n"), e.getMessage());
            assertTrue(e.line() >= 1 && e.column() >= 0, () -> e.getMessage() + " at " + e.line() + ", " + e.column());
            return new Outcome(documents, "refused");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<Object> readAll(InputStream input) throws IOException, JsonException {
        JsonReader reader = JsonReader.of(input, LIMITS);
        List<Object> documents = new ArrayList<>();
        while (reader.next()) {
            documents.add(reader.document());
        }
        return documents;
    }

    private Map<String, Object> object(int depth) {
        Map<String, Object> members = new LinkedHashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            members.put("k" + i + "\u00fc\"", value(depth));
        }
        return members;
    }

    private Object value(int depth) {
        return switch (random.nextInt(depth > 3 ? 5 : 7)) {
            case 0 -> null;
            case 1 -> random.nextBoolean();
            case 2 -> random.nextLong();
            case 3 -> random.nextDouble();
            case 4 -> "s\ud83d\ude00\\\n" + random.nextInt();
            case 5 -> List.of(object(depth + 1), random.nextLong());
            default -> object(depth + 1);
        };
    }

    private byte[] stream(List<Object> documents) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Object document : documents) {
            String text = random.nextBoolean() ? Json.text(document) : Json.pretty(document).replace("  ", "\t");
            bytes.writeBytes((text + GAPS[random.nextInt(GAPS.length)]).getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    @Test
    void shouldReadSameDocumentsWhenStreamIsSplitAtEachByte() throws Exception {
        for (int round = 0; round < 20; round++) {
            List<Object> documents = List.of(object(0), object(0), object(0));
            byte[] bytes = stream(documents);
            for (int split = 1; split < bytes.length; split++) {
                assertEquals(documents, readAll(new Pieces(bytes, split)), "seed " + SEED + " round " + round + " split " + split);
            }
        }
    }

    @Test
    void shouldReadSameDocumentsWhenStreamComesInRandomPieces() throws Exception {
        for (int round = 0; round < 300; round++) {
            List<Object> documents = List.of(object(0), List.of(object(0)), object(0), object(0));
            byte[] bytes = stream(documents);
            int[] ends = random.ints(1 + random.nextInt(40), 1, bytes.length).sorted().toArray();
            assertEquals(documents, readAll(new Pieces(bytes, ends)), "seed " + SEED + " round " + round);
        }
    }

    @Test
    void shouldFailCleanlyWhenBytesAreDamaged() {
        int refused = 0;
        for (int round = 0; round < 3000; round++) {
            byte[] bytes = stream(List.of(object(0), object(0)));
            for (int i = 1 + random.nextInt(3); i > 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            refused += isRefused(bytes) ? 1 : 0;
        }
        assertTrue(refused > 1000, "seed " + SEED + ": only " + refused + " of 3000 damaged streams were noticed");
    }

    @Test
    void shouldReadTheSameInPiecesAndAfterWritingWhenBytesAreDamaged() {
        for (int round = 0; round < 3000; round++) {
            byte[] bytes = stream(List.of(object(0), object(0)));
            for (int i = random.nextInt(3); i > 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            fuzzerTestOneInput(bytes);
        }
    }

    private static boolean isRefused(byte[] bytes) {
        try {
            readAll(new ByteArrayInputStream(bytes));
            return false;
        } catch (JsonException e) {
            assertFalse(e.getMessage().contains("\n"), e.getMessage());
            return true;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldGiveDocumentWhenItsLastByteHasArrived() throws Exception {
        try (PipedOutputStream client = new PipedOutputStream(); PipedInputStream server = new PipedInputStream(client)) {
            JsonReader reader = JsonReader.of(server, LIMITS);
            for (String text : List.of("{}", "{\"a\":[1]}", "[]")) {
                client.write(text.getBytes(StandardCharsets.UTF_8));
                client.flush();
                assertTrue(reader.next());
                assertEquals(Json.parse(text), reader.document());
            }
        }
    }
}
