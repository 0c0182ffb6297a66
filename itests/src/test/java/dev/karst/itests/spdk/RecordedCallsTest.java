package dev.karst.itests.spdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.rpc.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * All calls that were recorded from SPDK, in order, against all layers: results look like SPDK's, codes are the same and messages
 * begin with SPDK's, except where {@code differences.txt} says why. Calls of layers that are not there yet are told apart.
 */
class RecordedCallsTest {
    private static final int MOST_DIFFERENCES = 40;
    private static final long AIO_BYTES = 64 << 20;
    /** Layers that are not there yet, by how the names of their methods begin. */
    private static final Map<String, String> LATER = Map.ofEntries(
        Map.entry("vhost_", "vhost-scsi"),
        Map.entry("bdev_raid_", "raid"), Map.entry("bdev_crypto_", "crypto"),
        Map.entry("accel_crypto_", "crypto"), Map.entry("bdev_delay_", "delay"), Map.entry("bdev_error_", "error"),
        Map.entry("bdev_split_", "split"));

    @TempDir
    private Path folder;
    private int port;
    private int iscsiPort;

    /**
     * A line of the table of differences.
     *
     * @param call the number of the recorded call, from 1, and its method
     * @param kind {@code different}, or {@code later} when a layer that is not there yet is why
     */
    private record Difference(String call, String kind, String reason) {
        static Difference of(String line) {
            String[] parts = line.split(" *\\| *", 3);
            return new Difference(parts[0], parts[1], parts[2]);
        }
    }

    @Test
    void shouldAnswerLikeSpdkWhenCalledAsRecorded() throws Exception {
        try (RandomAccessFile file = new RandomAccessFile(folder.resolve("aio.img").toFile(), "rw")) {
            file.setLength(AIO_BYTES);
        }
        Map<String, String> found = new LinkedHashMap<>();
        Map<String, Integer> kinds = new TreeMap<>();
        try (ComposedStack stack = new ComposedStack()) {
            int number = 0;
            for (String line : lines("recorded.jsonl")) {
                @SuppressWarnings("unchecked")
                Map<String, Object> call = (Map<String, Object>) Json.parse(line);
                String method = (String) call.get("method");
                number++;
                String outcome = isLater(stack, method) ? "later" : outcome(stack, method, call);
                kinds.merge(outcome.equals("equal") || outcome.equals("later") ? outcome : "other", 1, Integer::sum);
                if (!outcome.equals("equal") && !outcome.equals("later")) {
                    found.put(number + " " + method, outcome);
                }
            }
            assertEquals(171, number);
        }
        check(found, kinds);
    }

    private void check(Map<String, String> found, Map<String, Integer> kinds) throws Exception {
        List<Difference> listed = lines("differences.txt").stream().filter(line -> !line.startsWith("#")).map(Difference::of)
            .toList();
        Map<String, String> unlisted = new LinkedHashMap<>(found);
        listed.forEach(difference -> unlisted.remove(difference.call()));
        List<String> outlived = listed.stream().map(Difference::call).filter(call -> !found.containsKey(call)).toList();
        String news = unlisted.entrySet().stream().map(Object::toString).collect(Collectors.joining("\n"));
        assertEquals("", news, () -> "differences that are not listed; " + kinds);
        assertEquals(List.of(), outlived, "no longer different");
        long different = listed.stream().filter(difference -> difference.kind().equals("different")).count();
        assertTrue(different <= MOST_DIFFERENCES, different + " differences");
    }

    /** Paths and ports are this test's own. */
    private List<String> lines(String resource) throws IOException {
        try (InputStream in = RecordedCallsTest.class.getResourceAsStream(resource)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text.replace("/var/tmp/", folder + "/").replace("14420", Integer.toString(port()))
                .replace("13260", Integer.toString(iscsiPort())).lines().toList();
        }
    }

    private int port() throws IOException {
        port = port == 0 ? ComposedStack.freePort() : port;
        return port;
    }

    private int iscsiPort() throws IOException {
        iscsiPort = iscsiPort == 0 ? ComposedStack.freePort() : iscsiPort;
        return iscsiPort;
    }

    private static boolean isLater(ComposedStack stack, String method) {
        return stack.registry().method(method).isEmpty() && LATER.keySet().stream().anyMatch(method::startsWith);
    }

    @SuppressWarnings("unchecked")
    private static String outcome(ComposedStack stack, String method, Map<String, Object> call) {
        Map<String, Object> error = (Map<String, Object>) call.get("error");
        try {
            Object result = stack.registry().call(method, (Map<String, Object>) call.get("params"));
            if (error != null) {
                return "succeeds and does not say " + error;
            }
            List<String> differences = Shapes.differences(call.get("result"), result);
            return differences.isEmpty() ? "equal" : String.join("; ", differences);
        } catch (StorageException e) {
            boolean same = error != null && (long) e.code() == (Long) error.get("code")
                && e.getMessage().startsWith((String) error.get("message"));
            return same ? "equal" : "says " + e.code() + " " + e.getMessage() + " and not " + (error == null ? "success" : error);
        }
    }

    @Test
    void shouldFindADifferenceWhenOneIsPlanted() {
        Map<String, Object> recorded = fields("name", "a", "size", 1L);
        assertEquals(List.of(), Shapes.differences(List.of(recorded), List.of(Map.of("name", "b"), recorded)));
        assertEquals(List.of(), Shapes.differences(recorded, fields("name", "z", "more", true, "size", 2L)));
        List<Object> planted = List.of(fields("size", 1L, "name", "a"), Map.of("name", "a"), fields("name", "a", "size", "1"));
        for (Object other : planted) {
            assertEquals(1, Shapes.differences(List.of(recorded), List.of(other)).size(), other::toString);
        }
        assertEquals(1, Shapes.differences(List.of(recorded), List.of()).size());
        assertEquals(1, Shapes.differences("Malloc0", "Malloc1").size());
    }

    private static Map<String, Object> fields(Object... namesAndValues) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return fields;
    }
}
