package dev.karst.config.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.config.state.SavedConfig.Section;
import dev.karst.rpc.ConfigSource.Call;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SavedConfigTest {
    private static SavedConfig read(String text) throws IOException {
        return SavedConfig.read(text.getBytes(StandardCharsets.UTF_8), "etc/karst.json");
    }

    @Test
    void shouldGiveCallsInOrderWhenFileIsSpdks() throws Exception {
        List<Call> calls = read("""
            {
              // written by hand
              "subsystems": [
                { "subsystem": "scsi", "config": null },
                { "subsystem": "nbd" },
                { "subsystem": "bdev", "config": [
                  { "method": "a", "params": { "name": "x" } },
                  [ { "method": "b" }, { "method": "c", "params": null } ] /* a batch */
                ] },
                { "subsystem": "nvmf", "config": [ { "method": "d", "params": {} } ] }
              ]
            }
            """).calls(List.of());
        assertEquals(List.of("a", "b", "c", "d"), calls.stream().map(Call::method).toList());
        assertEquals(Map.of("name", "x"), calls.getFirst().parameters());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', value = {
        "`{\n \"subsystems\": [}` ~ karst.json, line 2, column 17: ",
        "`` ~ it is empty",
        "{\"subsystems\":[ ~ Unexpected end",
        "{\"subsystems\":[],\"subsystems\":[]} ~ comes twice",
        "{\"subsystems\":[],\"karst\":{\"version\":2,\"generation\":1}} ~ karst.version is 2",
        "{\"subsystems\":[],\"karst\":{}} ~ karst.version is null",
        "{\"subsystems\":[],\"karst\":{\"version\":1,\"generation\":0}} ~ karst.generation is not",
        "{} {} ~ something follows",
        "[] ~ the whole is not an object",
        "{} ~ subsystems is not an array",
        "{\"subsystems\":[1]} ~ subsystems[0] is not an object",
        "{\"subsystems\":[{\"config\":{}}]} ~ subsystems[0].config is not an array",
        "{\"subsystems\":[{},{\"config\":[{},{}]}]} ~ subsystems[1].config[0].method is not a string",
        "{\"subsystems\":[{\"config\":[[{\"method\":\"a\",\"params\":[]}]]}]} ~ subsystems[0].config[0][0].params is not an object"})
    void shouldSayWhereWhenFileIsMalformed(String text, String words) throws IOException {
        IOException e = assertThrows(IOException.class, () -> read(text));
        assertTrue(e.getMessage().contains(words), e.getMessage());
        assertTrue(e.getMessage().startsWith("etc/karst.json"), e.getMessage());
    }

    @Test
    void shouldHoldTheSameWhenWrittenAndRead() throws Exception {
        Call left = Call.of("bdev_aio_create", "name", "lost", "filename", "lost.img");
        List<Section> sections = List.of(
            new Section("bdev", List.of(Call.of("a", "z", 1L, "b", List.of("x"), "a", Map.of("c", true)), Call.of("b"))),
            new Section("nvmf", List.of()));
        SavedConfig config = new SavedConfig(7, sections, List.of(left));
        SavedConfig again = SavedConfig.read(config.content(), "it");
        assertEquals(config, again);
        assertArrayEquals(config.content(), again.content());
        assertEquals(List.of("a", "b", "c", "bdev_aio_create"),
            again.calls(List.of(Call.of("c"))).stream().map(Call::method).toList());
    }
}
