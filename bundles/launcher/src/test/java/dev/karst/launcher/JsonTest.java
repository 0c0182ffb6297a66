package dev.karst.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void shouldReadEveryKindWhenTextIsJson() throws IOException {
        Object value = Json.parse(" {\"a\": [true, false, null, {}, []], \"b\\n\\u00e9\": \"\\\"\"} ");
        assertEquals(Map.of("a", Arrays.asList(true, false, null, Map.of(), List.of()), "b\né", "\""), value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"18446744073709551615", "-1.5", "true", "null", "\"a\\\\b\\u0001\"", "[]", "{}"})
    void shouldWriteWhatWasReadWhenRoundTripped(String text) throws IOException {
        assertEquals(text, Json.format(Json.parse(text)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abc", "127.0.0.1", "01", "[1", "{\"a\" 1}", "1 2", "\"\\x\"", "[1,]"})
    void shouldRefuseWhenTextIsNotJson(String text) {
        assertThrows(IOException.class, () -> Json.parse(text));
    }
}
