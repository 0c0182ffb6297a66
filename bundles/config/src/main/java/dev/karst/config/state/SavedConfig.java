package dev.karst.config.state;

import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.json.Json;
import dev.karst.rpc.json.JsonException;
import dev.karst.rpc.json.JsonReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A configuration in the form of SPDK's {@code save_config}:
 * {@code {"subsystems":[{"subsystem":"bdev","config":[{"method":..,"params":{..}}]}]}}. SPDK writes null for a subsystem without
 * configuration and an array within it for a batch; comments as in Java are taken. A saved state has one more member, {@code
 * karst}, which SPDK passes over.
 *
 * @param generation what ties a journal to a saved state; 0 for a file that is no saved state
 * @param sections the calls by subsystem, in the order in which they are made
 * @param leftOut calls that could not be made at a start, to be made again at the next, after all others
 */
public record SavedConfig(long generation, List<Section> sections, List<Call> leftOut) {
    private static final JsonReader.Limits LIMITS = new JsonReader.Limits(64 << 20, 4 << 20);
    private static final long VERSION = 1;

    /** What recreates one subsystem. */
    public record Section(String subsystem, List<Call> calls) {}

    /**
     * Reads a file's content.
     *
     * @param name what messages call the file
     * @throws IOException naming it and, where it is not JSON, line and column; else where in the structure it is wrong
     */
    public static SavedConfig read(InputStream input, String name) throws IOException {
        try {
            JsonReader reader = JsonReader.withComments(input, LIMITS);
            if (!reader.next()) {
                throw new IOException("it is empty");
            }
            Object document = reader.document();
            if (reader.next()) {
                throw new IOException("something follows the end of the configuration");
            }
            return of(object(document, "the whole"));
        } catch (JsonException e) {
            throw new IOException(name + ", line " + e.line() + ", column " + e.column() + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new IOException(name + ": " + e.getMessage(), e);
        }
    }

    /** The same of bytes. */
    static SavedConfig read(byte[] content, String name) throws IOException {
        return read(new ByteArrayInputStream(content), name);
    }

    private static SavedConfig of(Map<?, ?> whole) throws IOException {
        List<Section> sections = new ArrayList<>();
        for (Object subsystem : list(whole.get("subsystems"), "subsystems")) {
            sections.add(section(subsystem, "subsystems[" + sections.size() + "]"));
        }
        if (whole.get("karst") == null) {
            return new SavedConfig(0, sections, List.of());
        }
        Map<?, ?> own = object(whole.get("karst"), "karst");
        if (!Long.valueOf(VERSION).equals(own.get("version"))) {
            throw new IOException("karst.version is " + own.get("version") + "; this version of Karst reads " + VERSION);
        } else if (!(own.get("generation") instanceof Long generation) || generation < 1) {
            throw new IOException("karst.generation is not a number from 1 up");
        } else {
            return new SavedConfig(generation, sections, calls(own.get("left_out"), "karst.left_out"));
        }
    }

    private static Section section(Object subsystem, String where) throws IOException {
        Map<?, ?> members = object(subsystem, where);
        List<Call> calls = members.get("config") == null ? List.of() : calls(members.get("config"), where + ".config");
        return new Section(members.get("subsystem") instanceof String name ? name : "", calls);
    }

    /** The calls of an array, those of arrays within it among them. */
    static List<Call> calls(Object array, String where) throws IOException {
        List<Call> calls = new ArrayList<>();
        int index = 0;
        for (Object entry : list(array, where)) {
            String here = where + "[" + index++ + "]";
            if (entry instanceof List<?>) {
                calls.addAll(calls(entry, here));
            } else {
                calls.add(call(object(entry, here), here));
            }
        }
        return calls;
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

    /** All calls in the order in which they are made: those of the sections, {@code changes}, those that were left out. */
    public List<Call> calls(List<Call> changes) {
        List<Call> calls = new ArrayList<>();
        sections.forEach(section -> calls.addAll(section.calls));
        calls.addAll(changes);
        calls.addAll(leftOut);
        return calls;
    }

    /** The file's content. */
    byte[] content() {
        SequencedMap<String, Object> own = new LinkedHashMap<>();
        own.put("version", VERSION);
        own.put("generation", generation);
        own.put("left_out", plain(leftOut));
        SequencedMap<String, Object> whole = new LinkedHashMap<>();
        whole.put("karst", own);
        whole.put("subsystems", sections.stream().map(SavedConfig::plain).toList());
        return (Json.pretty(whole) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, Object> plain(Section section) {
        SequencedMap<String, Object> members = new LinkedHashMap<>();
        members.put("subsystem", section.subsystem);
        members.put("config", plain(section.calls));
        return members;
    }

    private static List<Map<String, Object>> plain(List<Call> calls) {
        return calls.stream().map(SavedConfig::plain).toList();
    }

    /** A call as a member of {@code config}. */
    static Map<String, Object> plain(Call call) {
        SequencedMap<String, Object> members = new LinkedHashMap<>();
        members.put("method", call.method());
        if (!call.parameters().isEmpty()) {
            members.put("params", call.parameters());
        }
        return members;
    }
}
