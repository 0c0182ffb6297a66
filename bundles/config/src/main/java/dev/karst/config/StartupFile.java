package dev.karst.config;

import dev.karst.rpc.json.JsonException;
import dev.karst.rpc.json.JsonReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A configuration file: {@code {"subsystems":[{"subsystem":"bdev","config":[{"method":..,"params":{..}}]}]}}. SPDK
 * writes null for a subsystem without configuration and an array within it for a batch; comments as in Java are taken.
 */
final class StartupFile {
    private static final JsonReader.Limits LIMITS = new JsonReader.Limits(64 << 20, 4 << 20);

    private final List<Call> calls = new ArrayList<>();

    /**
     * A call to make.
     *
     * @param method its name
     * @param parameters as a client would send them
     */
    record Call(String method, Map<String, Object> parameters) {}

    private StartupFile() {}

    /**
     * The calls of a file in their order.
     *
     * @throws IOException naming the file and, where it is not JSON, line and column; else where in the structure it
     *     is wrong
     */
    static List<Call> read(Path path) throws IOException {
        try (InputStream input = Files.newInputStream(path)) {
            JsonReader reader = JsonReader.withComments(input, LIMITS);
            if (!reader.next()) {
                throw new IOException("it is empty");
            }
            Object document = reader.document();
            if (reader.next()) {
                throw new IOException("something follows the end of the configuration");
            }
            StartupFile file = new StartupFile();
            file.addSubsystems(document);
            return file.calls;
        } catch (JsonException e) {
            throw new IOException(path + ", line " + e.line() + ", column " + e.column() + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new IOException(path + ": " + e.getMessage(), e);
        }
    }

    private void addSubsystems(Object document) throws IOException {
        int index = 0;
        for (Object subsystem : list(object(document, "the whole").get("subsystems"), "subsystems")) {
            String where = "subsystems[" + index++ + "]";
            Map<?, ?> members = object(subsystem, where);
            if (members.get("config") != null) {
                addCalls(members.get("config"), where + ".config");
            }
        }
    }

    private void addCalls(Object config, String where) throws IOException {
        int index = 0;
        for (Object entry : list(config, where)) {
            String here = where + "[" + index++ + "]";
            if (entry instanceof List<?>) {
                addCalls(entry, here);
            } else {
                calls.add(call(object(entry, here), here));
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static Call call(Map<?, ?> entry, String where) throws IOException {
        if (!(entry.get("method") instanceof String method)) {
            throw new IOException(where + ".method is not a string");
        }
        Object parameters = entry.get("params") == null ? Map.of() : entry.get("params");
        return new Call(method, (Map<String, Object>) object(parameters, where + ".params"));
    }

    private static Map<?, ?> object(Object value, String where) throws IOException {
        if (value instanceof Map<?, ?> object) {
            return object;
        }
        throw new IOException(where + " is not an object");
    }

    private static List<?> list(Object value, String where) throws IOException {
        if (value instanceof List<?> list) {
            return list;
        }
        throw new IOException(where + " is not an array");
    }
}
