package dev.karst.rpc.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    private static final JsonReader.Limits LIMITS = new JsonReader.Limits(1000, 100);

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void shouldGivePlainValuesWhenReading() throws Exception {
        SequencedMap<String, Object> expected = new LinkedHashMap<>();
        expected.put("z", 1L);
        expected.put("a", Arrays.asList(null, true, false, 2.5, "\u00e9\ud83d\ude00"));
        expected.put("m", Map.of("n", Long.MIN_VALUE));
        Object read = Json.parse("{\"z\":1,\"a\":[null,true,false,2.5,\"\u00e9\\ud83d\\ude00\"],\"m\":{\"n\":-9223372036854775808}}");
        assertEquals(expected, read);
        assertEquals(List.of("z", "a", "m"), List.copyOf(((Map<?, ?>) read).keySet()));
    }

    @Test
    void shouldGiveSameTextWhenWritingWhatWasRead() throws Exception {
        String text = "{\"z\":1,\"a\":[null,true,2.5,\"\\\"\\n\"],\"m\":{},\"l\":[]}";
        assertEquals(text, Json.text(Json.parse(text)));
    }

    @Test
    void shouldIndentByTwoWhenPretty() {
        SequencedMap<String, Object> value = new LinkedHashMap<>();
        value.put("name", "ram0");
        value.put("list", List.of(1L, 2));
        assertEquals("{\n  \"name\": \"ram0\",\n  \"list\": [\n    1,\n    2\n  ]\n}", Json.pretty(value));
    }

    @Test
    void shouldKeepNumberWholeWhenItDoesNotFitLong() throws Exception {
        assertEquals(new BigInteger("18446744073709551616"), Json.parse("18446744073709551616"));
    }

    @Test
    void shouldRefuseWhenWritingWhatIsNoPlainValue() {
        assertThrows(IllegalArgumentException.class, () -> Json.text(List.of(new Object())));
    }

    @Test
    void shouldReplaceHalfSurrogateWhenWriting() {
        assertEquals("\"a?\"", Json.text("a\ud800"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{", "[1,]", "{\"a\":1,}", "{a:1}", "{'a':1}", "nul", "01", "+1", ".5", "0x10", "NaN", "\"\u0001\"", "\"a", "{\"a\" 1}", "[1 2]", "]",
        "// x\n1", "", "1 2", "\"\\ud800\"", "{\"\\udc00\":1}", "{\"a\":1,\"a\":2}", "\ufeff1"})
    void shouldRefuseWhenItIsNoJson(String text) {
        assertThrows(JsonException.class, () -> Json.parse(text));
    }

    @Test
    void shouldRefuseWhenUtf8IsBroken() {
        byte[] broken = {'"', (byte) 0xc3, '"'};
        assertThrows(JsonException.class, () -> JsonReader.of(new ByteArrayInputStream(broken), LIMITS).next());
    }

    /** Against the JDK's own strict decoder: every letter, and every pair of bytes after each that may begin one. */
    @Test
    void shouldTakeUtf8AndNothingElseWhenBytesAreAny() throws Exception {
        for (int first = 0x80; first < 0x100; first++) {
            for (int second = 0x7f; second < 0x100; second++) {
                for (int third : new int[] {0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xc0}) {
                    byte[] bytes = {'"', (byte) first, (byte) second, (byte) third, (byte) 0x80, '"'};
                    for (int length : new int[] {2, 3, 4, 5}) {
                        byte[] text = Arrays.copyOf(bytes, length + 1);
                        text[length] = '"';
                        assertEquals(isUtf8(text), isRead(text), () -> HexFormat.of().formatHex(text));
                    }
                }
            }
        }
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).remaining() > 0;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private static boolean isRead(byte[] bytes) throws IOException {
        try {
            return JsonReader.of(new ByteArrayInputStream(bytes), LIMITS).next();
        } catch (JsonException e) {
            return false;
        }
    }

    @Test
    void shouldReadWhatComesBeforeBytesThatAreNoUtf8() throws Exception {
        byte[] bytes = {'[', ']', '"', (byte) 0xc0, (byte) 0xaf, '"'};
        JsonReader reader = JsonReader.of(new ByteArrayInputStream(bytes), LIMITS);
        assertTrue(reader.next());
        assertTrue(assertThrows(JsonException.class, reader::next).getMessage().contains("not UTF-8"));
    }

    @Test
    void shouldTellLineAndColumnWhenItIsNoJson() {
        JsonException e = assertThrows(JsonException.class, () -> JsonReader.of(stream("{\n  \"a\": x\n}"), LIMITS).next());
        assertEquals(2, e.line());
        assertEquals(8, e.column());
        assertEquals(2, assertThrows(JsonException.class, () -> Json.parse("[x]")).column());
    }

    @Test
    void shouldTakeCommentsWhenAskedTo() throws Exception {
        JsonReader reader = JsonReader.withComments(stream("// one\n[1, /* two */ 2] // three"), LIMITS);
        assertTrue(reader.next());
        assertEquals(List.of(1L, 2L), reader.document());
        assertFalse(reader.next());
    }

    @ParameterizedTest
    @CsvSource({
        "998, 1, true", "999, 1, false", "1, 99, true", "1, 100, false"})
    void shouldRefuseWhenDocumentIsOverLimit(int letters, int elements, boolean taken) throws Exception {
        String document = elements > 1 ? "[" + "1,".repeat(elements - 1) + "1]" : "\"" + "x".repeat(letters) + "\"";
        JsonReader reader = JsonReader.of(stream(document), LIMITS);
        if (taken) {
            assertTrue(reader.next());
        } else {
            assertThrows(JsonException.class, reader::next);
        }
    }

    @Test
    void shouldRefuseWhenWhiteSpaceMakesDocumentLong() {
        assertThrows(JsonException.class, () -> JsonReader.of(stream("[" + " ".repeat(1000) + "]"), LIMITS).next());
    }

    @Test
    void shouldStartLimitsAnewWithEachDocument() throws Exception {
        JsonReader reader = JsonReader.of(stream("[1,2,3] ".repeat(1000)), LIMITS);
        for (int i = 0; i < 1000; i++) {
            assertTrue(reader.next());
        }
        assertFalse(reader.next());
    }

    @Test
    void shouldRefuseWhenNestedTooDeep() throws Exception {
        assertTrue(JsonReader.of(stream("[".repeat(64) + "]".repeat(64)), LIMITS).next());
        JsonException e = assertThrows(JsonException.class, () -> JsonReader.of(stream("[".repeat(1000)), LIMITS).next());
        assertTrue(e.getMessage().contains("deeper than 64"), e.getMessage());
    }

    @Test
    void shouldRefuseWhenNumberIsAbsurd() {
        JsonException e = assertThrows(JsonException.class, () -> Json.parse("1".repeat(401)));
        assertTrue(e.getMessage().contains("digits"), e.getMessage());
    }
}
