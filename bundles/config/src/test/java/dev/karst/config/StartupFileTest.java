package dev.karst.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StartupFileTest {
    @TempDir
    private Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("karst.json"), text);
    }

    @Test
    void shouldGiveCallsInOrderWhenFileIsSpdks() throws Exception {
        List<StartupFile.Call> calls = StartupFile.read(file("""
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
            """));
        assertEquals(List.of("a", "b", "c", "d"), calls.stream().map(StartupFile.Call::method).toList());
        assertEquals(Map.of("name", "x"), calls.getFirst().parameters());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', value = {
        "`{\n \"subsystems\": [}` ~ karst.json, line 2, column 17: ",
        "`` ~ it is empty",
        "{} {} ~ something follows",
        "[] ~ the whole is not an object",
        "{} ~ subsystems is not an array",
        "{\"subsystems\":[1]} ~ subsystems[0] is not an object",
        "{\"subsystems\":[{\"config\":{}}]} ~ subsystems[0].config is not an array",
        "{\"subsystems\":[{},{\"config\":[{},{}]}]} ~ subsystems[1].config[0].method is not a string",
        "{\"subsystems\":[{\"config\":[[{\"method\":\"a\",\"params\":[]}]]}]} ~ subsystems[0].config[0][0].params is not an object"})
    void shouldSayWhereWhenFileIsMalformed(String text, String words) throws IOException {
        Path path = file(text);
        IOException e = assertThrows(IOException.class, () -> StartupFile.read(path));
        assertTrue(e.getMessage().contains(words), e.getMessage());
        assertTrue(e.getMessage().startsWith(path.toString()), e.getMessage());
    }
}
