package dev.karst.nvme.vfiouser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.spec.vfiouser.Capability;
import dev.karst.spec.vfiouser.DeviceInfo;
import dev.karst.spec.vfiouser.Header;
import dev.karst.spec.vfiouser.IrqInfo;
import dev.karst.spec.vfiouser.RegionAccess;
import dev.karst.spec.vfiouser.RegionInfo;
import dev.karst.spec.vfiouser.SparseArea;
import dev.karst.spec.vfiouser.SparseMmap;
import dev.karst.spec.vfiouser.Version;
import java.io.File;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class LyingServerTest {
    private static final long CAP = 512L << 20;
    private static final long TIMEOUT_MS = 5_000;
    private static final long IMPATIENT_MS = 50;
    private static final int ROUNDS = 300;
    private static final int MOST_BITS = 4;

    private final LinuxEnvironment environment = new LinuxEnvironment(CAP, false, true);
    private final LinuxEnvironment others = new LinuxEnvironment(CAP, false, true);

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        environment.close();
        others.close();
    }

    /** What is changed in a reply's payload. */
    private interface Change {
        void in(long payload);
    }

    private static Arguments lie(String name, int command, Change change) {
        PlayedServer.Lie lie = (asked, buffer, length) -> {
            if (asked == command) {
                change.in(buffer + Header.BYTES);
            }
            return true;
        };
        return Arguments.of(name, lie);
    }

    /** A change in the answer about BAR0 alone. */
    private static Arguments ofBar(String name, Change change) {
        return lie(name, Header.DEVICE_GET_REGION_INFO, payload -> {
            if (RegionInfo.INDEX.get(payload) == 0) {
                change.in(payload);
            }
        });
    }

    private static Arguments ofHeader(String name, Change change) {
        return lie(name, Header.DEVICE_GET_INFO, payload -> change.in(payload - Header.BYTES));
    }

    private static long sparse(long payload) {
        return payload + RegionInfo.BYTES;
    }

    private static long area(long payload) {
        return sparse(payload) + SparseMmap.BYTES;
    }

    static Stream<Arguments> lies() {
        return Stream.of(
            lie("major version", Header.VERSION, at -> Version.MAJOR.set(at, 1)),
            lie("minor version", Header.VERSION, at -> Version.MINOR.set(at, 1)),
            ofHeader("identifier", at -> Header.ID.set(at, 4711)), ofHeader("command", at -> Header.COMMAND.set(at, 5)),
            ofHeader("type", at -> Header.TYPE.set(at, 7)), ofHeader("empty message", at -> Header.SIZE.set(at, 0)),
            ofHeader("short message", at -> Header.SIZE.set(at, 20)), ofHeader("long message", at -> Header.SIZE.set(at, -1)),
            lie("no PCI device", Header.DEVICE_GET_INFO, at -> DeviceInfo.PCI.set(at, 0)),
            lie("few regions", Header.DEVICE_GET_INFO, at -> DeviceInfo.NUM_REGIONS.set(at, 7)),
            lie("few interrupts", Header.DEVICE_GET_INFO, at -> DeviceInfo.NUM_IRQS.set(at, 2)),
            lie("other region", Header.DEVICE_GET_REGION_INFO, at -> RegionInfo.INDEX.set(at, 3)),
            ofBar("huge region", at -> RegionInfo.SIZE.set(at, 1L << 60)),
            ofBar("negative region", at -> RegionInfo.SIZE.set(at, -4096)),
            ofBar("far file", at -> RegionInfo.OFFSET.set(at, Long.MAX_VALUE - 4095)),
            ofBar("more than was sent", at -> RegionInfo.ARGSZ.set(at, 100_000)),
            ofBar("capability before", at -> RegionInfo.CAP_OFFSET.set(at, 4)),
            ofBar("capability behind", at -> RegionInfo.CAP_OFFSET.set(at, 0x7fff_fff8L)),
            ofBar("capability half", at -> RegionInfo.CAP_OFFSET.set(at, 60)),
            ofBar("circle", at -> Capability.NEXT.set(sparse(at), RegionInfo.BYTES)),
            ofBar("next behind", at -> Capability.NEXT.set(sparse(at), 0xffff_fff0L)),
            ofBar("many areas", at -> SparseMmap.NR_AREAS.set(sparse(at), 0xffff_ffffL)),
            ofBar("area outside", at -> SparseArea.OFFSET.set(area(at), 8192)),
            ofBar("area wraps", at -> SparseArea.SIZE.set(area(at), -4096)),
            lie("vectors", Header.DEVICE_GET_IRQ_INFO, at -> IrqInfo.COUNT.set(at, 0xffff_ffffL)),
            lie("other interrupt", Header.DEVICE_GET_IRQ_INFO, at -> IrqInfo.INDEX.set(at, 0)),
            lie("read in part", Header.REGION_READ, at -> RegionAccess.COUNT.set(at, 1)),
            lie("written in part", Header.REGION_WRITE, at -> RegionAccess.COUNT.set(at, 0)));
    }

    private static int descriptors() {
        return new File("/proc/self/fd").list().length;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lies")
    void shouldLeaveTheServerWhenItLies(String name, PlayedServer.Lie lie) throws Exception {
        Path path = folder.resolve("socket");
        try (var _ = new PlayedServer(others, path, lie)) {
            var e = assertThrows(StorageException.class, () -> openAndUse(path, TIMEOUT_MS));
            assertEquals(-Errno.EPROTO, e.code(), e.getMessage());
        }
        assertTrue(environment.memory().regions().isEmpty());
    }

    /** Attaches as the driver does; whatever a register says, a device that is gone counts as a failure. */
    private void openAndUse(Path path, long timeoutMs) throws StorageException {
        VfioUserDevice device = VfioUserDevice.open(environment, path, timeoutMs);
        try {
            device.map(0, PlayedServer.PAGE, PlayedServer.PAGE);
            device.enableInterrupts(Math.min(device.vectors(), PlayedServer.VECTORS));
            device.read(0, 0, 8);
            device.write(0, 0x14, 4, 1);
            device.reset();
            if (device.isGone()) {
                throw StorageException.errno(Errno.EPROTO, "gone");
            }
        } finally {
            device.close();
        }
    }

    @Test
    void shouldNotMapWhenTheFileIsShorterThanTheRegion() throws Exception {
        Path path = folder.resolve("socket");
        PlayedServer.Lie lie = (command, buffer, length) -> {
            long payload = buffer + Header.BYTES;
            if (command == Header.DEVICE_GET_REGION_INFO && RegionInfo.INDEX.get(payload) == 0) {
                RegionInfo.OFFSET.set(payload, 1L << 40);
            }
            return true;
        };
        try (var _ = new PlayedServer(others, path, lie)) {
            assertEquals(-Errno.EINVAL, assertThrows(StorageException.class, () -> openAndUse(path, TIMEOUT_MS)).code());
        }
    }

    @Test
    void shouldGoOnWhenTheServerAsksForMemoryByMessage() throws Exception {
        Path path = folder.resolve("socket");
        PlayedServer[] server = new PlayedServer[1];
        boolean[] asked = {false};
        PlayedServer.Lie lie = (command, buffer, length) -> {
            if (command == Header.DEVICE_GET_IRQ_INFO && !asked[0]) {
                asked[0] = true;
                byte[] reply = new byte[Header.BYTES + IrqInfo.BYTES];
                Mem.get(buffer, reply, 0, reply.length);
                Mem.fill(buffer, Header.BYTES, (byte) 0);
                Header.COMMAND.set(buffer, Header.DMA_READ);
                Header.ID.set(buffer, 77);
                Header.SIZE.set(buffer, Header.BYTES + 16);
                server[0].socket.send(buffer, Header.BYTES + 16, new int[0], TIMEOUT_MS);
                server[0].socket.receive(buffer, Header.BYTES, new java.util.ArrayList<>(), TIMEOUT_MS);
                assertEquals(77, Header.ID.get(buffer));
                assertEquals(1, Header.ERROR.get(buffer));
                Mem.put(buffer, reply, 0, reply.length);
            }
            return true;
        };
        try (var played = new PlayedServer(others, path, lie)) {
            server[0] = played;
            openAndUse(path, TIMEOUT_MS);
            assertTrue(asked[0]);
        }
    }

    @Test
    void shouldFailInGoodOrderWhenAnyBitsOfRepliesAreWrong() throws Exception {
        int before = 0;
        int failures = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Path path = folder.resolve("socket");
            var random = new SplittableRandom(round);
            int at = random.nextInt(16);
            int[] replies = {0};
            PlayedServer.Lie lie = (command, buffer, length) -> {
                if (replies[0]++ == at) {
                    for (int bits = 1 + random.nextInt(MOST_BITS); bits > 0; bits--) {
                        long spot = buffer + random.nextInt(length);
                        Mem.setByte(spot, (byte) (Mem.getByte(spot) ^ 1 << random.nextInt(8)));
                    }
                }
                return random.nextInt(64) != 0;
            };
            try (var _ = new PlayedServer(others, path, lie)) {
                openAndUse(path, IMPATIENT_MS);
            } catch (StorageException e) {
                failures++;
            }
            assertTrue(environment.memory().regions().isEmpty(), "round " + round);
            before = round == ROUNDS / 2 ? descriptors() : before;
        }
        assertTrue(failures > ROUNDS / 8, failures + " failures");
        int after = descriptors();
        assertFalse(after > before + 8, "descriptors went from " + before + " to " + after);
    }
}
