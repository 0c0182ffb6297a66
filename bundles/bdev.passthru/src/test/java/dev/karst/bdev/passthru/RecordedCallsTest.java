package dev.karst.bdev.passthru;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.IoType;
import dev.karst.bdev.file.FileModule;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.bdev.nullblk.NullModule;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.env.sim.SparseBytes;
import dev.karst.reactor.sim.SimWorld;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The calls for malloc, null, file and passthru devices that were recorded from SPDK, in order, here: results and codes are
 * the same, and messages begin with SPDK's, except where {@link #DIFFERENT} says why.
 */
class RecordedCallsTest {
    /** A recorded call and its answer. */
    private record Recorded(String line, String method, Map<String, Object> parameters, String answer) {
        static Recorded of(String line) {
            String[] parts = line.split(" *\\| *", -1);
            Map<String, Object> parameters = new LinkedHashMap<>();
            Arrays.stream(parts[1].split(" ")).filter(word -> !word.isEmpty()).map(word -> word.split("=", 2))
                .forEach(pair -> parameters.put(pair[0], value(pair[1])));
            return new Recorded(line, parts[0], parameters, parts[2]);
        }

        private static Object value(String text) {
            return text.chars().allMatch(Character::isDigit) ? (Object) Long.valueOf(text) : text;
        }
    }

    /** An answer of ours instead of SPDK's, and why. */
    private record Different(String answer, String why) {}

    private static final String WRONG = "error -32602 Invalid parameters";
    private static final Map<String, Different> DIFFERENT = Map.of(
        "bdev_malloc_create |  | error -32603 spdk_json_decode_object failed",
        new Different(WRONG, "JSON-RPC's own code for wrong parameters, and the message names the one"),
        "bdev_malloc_create | num_blocks=many block_size=512 | error -32603 spdk_json_decode_object failed",
        new Different(WRONG, "as above"),
        "bdev_malloc_create | num_blocks=16384 block_size=512 bogus=1 | error -32603 spdk_json_decode_object failed",
        new Different(WRONG, "as above"),
        "bdev_malloc_create | num_blocks=16384 block_size=512 | error -17 File exists",
        new Different("result Malloc1", "a name that is chosen for the caller is one that is free"),
        "bdev_uring_create | name=ur0 filename=/var/tmp/aio.img block_size=4096 | result ur0",
        new Different("error -16 Device or resource busy", "two devices that write one file destroy each other's data"),
        "bdev_uring_delete | name=ur0 | result true",
        new Different("error -19 No such device", "follows from the one before"));

    /** What SPDK's devices of these names say that they do, of what there is here too. */
    private static final Map<String, Set<IoType>> SPDK_TYPES = Map.of(
        "Malloc0", EnumSet.of(
            IoType.READ, IoType.WRITE, IoType.UNMAP, IoType.FLUSH, IoType.RESET, IoType.WRITE_ZEROES, IoType.ABORT,
            IoType.COPY),
        "Null0", EnumSet.of(IoType.READ, IoType.WRITE, IoType.RESET, IoType.WRITE_ZEROES, IoType.ABORT),
        "aio0", EnumSet.of(IoType.READ, IoType.WRITE, IoType.FLUSH, IoType.RESET, IoType.WRITE_ZEROES),
        "PT0", EnumSet.of(
            IoType.READ, IoType.WRITE, IoType.UNMAP, IoType.FLUSH, IoType.RESET, IoType.WRITE_ZEROES, IoType.ABORT,
            IoType.COPY));

    /** A device may do more: itself (UNMAP and ABORT of a file, COMPARE in memory), or by what the block layer emulates. */
    private static final Set<IoType> MAY_DO_MORE = EnumSet.of(
        IoType.UNMAP, IoType.ABORT, IoType.FLUSH, IoType.COMPARE, IoType.COMPARE_AND_WRITE, IoType.COPY, IoType.VERIFY,
        IoType.SEEK_DATA, IoType.SEEK_HOLE);

    private final SimWorld world = new SimWorld(1, 1);
    private final BdevStage stage = new BdevStage(world);

    @Test
    void shouldAnswerAsSpdkDoesWhenCallsAreReplayed() throws Exception {
        List.of(new MallocModule(), new NullModule(), new FileModule(), new PassthruModule()).forEach(stage::add);
        world.environment().files().put(Path.of("/var/tmp/aio.img"), new SparseBytes(64 << 20));
        int different = 0;
        for (Recorded call : recorded()) {
            Different ours = DIFFERENT.get(call.line);
            different += ours == null ? 0 : 1;
            String expected = ours == null ? call.answer : ours.answer;
            if (call.method.equals("bdev_malloc_delete") && call.answer.startsWith("result")) {
                checkDevices();
            }
            String answer = answer(call);
            assertTrue(answer.startsWith(expected), call.line + " gave: " + answer);
        }
        assertEquals(DIFFERENT.size(), different, "a difference is listed that does not occur");
        world.close();
    }

    private String answer(Recorded call) {
        try {
            return "result " + stage.call(call.method, call.parameters);
        } catch (StorageException e) {
            return "error " + e.code() + " " + e.getMessage();
        }
    }

    /** As {@code bdev_get_bdevs} shows them before the first is deleted. */
    private void checkDevices() {
        checkDevice("Malloc0", "Malloc disk", 16384, Map.of());
        checkDevice("Null0", "Null disk", 524288, Map.of());
        checkDevice("aio0", "AIO disk", 131072, Map.of("aio", Map.of(
            "filename", "/var/tmp/aio.img", "block_size_override", true, "readonly", false, "fallocate", false,
            "nowait", false)));
        checkDevice("PT0", "passthru", 16384, Map.of("passthru", Map.of("name", "PT0", "base_bdev_name", "Malloc0")));
        for (Map.Entry<String, Set<IoType>> device : SPDK_TYPES.entrySet()) {
            Bdev bdev = stage.layer().find(device.getKey()).orElseThrow();
            device.getValue().forEach(type -> assertTrue(bdev.supports(type), device.getKey() + " " + type));
            Arrays.stream(IoType.values()).filter(bdev::supports)
                .filter(type -> !device.getValue().contains(type))
                .forEach(type -> assertTrue(MAY_DO_MORE.contains(type), device.getKey() + " " + type));
        }
    }

    private void checkDevice(String name, String productName, long blocks, Map<String, Object> driverSpecific) {
        Bdev bdev = stage.layer().find(name).orElseThrow();
        assertEquals(productName, bdev.productName());
        assertEquals(512, bdev.blockSize());
        assertEquals(blocks, bdev.blocks());
        assertEquals(driverSpecific, bdev.driverSpecific());
    }

    private static List<Recorded> recorded() throws IOException {
        try (InputStream in = RecordedCallsTest.class.getResourceAsStream("recorded.txt")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text.lines().filter(line -> !line.startsWith("#")).map(Recorded::of).toList();
        }
    }
}
