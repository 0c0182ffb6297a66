package dev.karst.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import dev.karst.rpc.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocumentsTest {
    private static final RpcMethod PLAN = RpcMethod.named("karst_plan", "karst", "plan", "Plans")
        .takes(RpcParameter.required("state", Type.OBJECT, "The state").of(Kind.FILE)).does(call -> true);

    @TempDir
    private Path folder;

    private Object read(String text) throws Exception {
        Path file = folder.resolve("state.yaml");
        Files.writeString(file, text);
        return Arguments.of(PLAN, List.of(file.toString()), prompt -> "").parameters().get("state");
    }

    @Test
    void shouldGiveSameValuesWhenFileIsYamlOrJson() throws Exception {
        String json = "{\"a\": [1, true, null, \"4420\", {\"b\": 281474976710656}], \"c\": \"no\"}";
        assertEquals(Json.parse(json), read(json));
        assertEquals(Json.parse(json), read("a:\n- 1\n- true\n- null\n- '4420'\n- b: 281474976710656\nc: no\n"));
    }

    @Test
    void shouldSayWhereWhenFileIsWrong() {
        String message = assertThrows(IllegalArgumentException.class, () -> read("a: 1\nb: [\n")).getMessage();
        assertTrue(message.contains("state.yaml, line 3: "), message);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> read("a: 1\na: 2\n")).getMessage().contains("line 2"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> read("- 1\n")).getMessage().endsWith("does not hold an object"));
    }

    @Test
    void shouldRefuseWhenSmallFileStandsForMuch() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 60; i++) {
            bomb.append("a").append(i).append(": &a").append(i).append(" [").append(("*a" + (i - 1) + ", ").repeat(9)).append("x]\n");
        }
        assertThrows(IllegalArgumentException.class, () -> read(bomb.toString()));
    }

    @Test
    void shouldSayWhichWhenFileIsAbsent() {
        assertEquals("there is no file /none/such.yaml",
            assertThrows(IllegalArgumentException.class, () -> Arguments.of(PLAN, List.of("/none/such.yaml"), prompt -> "")).getMessage());
    }

    @Test
    void shouldTakeObjectItselfWhenGivenInPlace() {
        assertEquals("{a=1}", Arguments.of(PLAN, List.of("{\"a\":1}"), prompt -> "").parameters().get("state").toString());
    }
}
