package dev.karst.bdev.nullblk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.bdev.IoType;
import dev.karst.bdev.Metadata;
import dev.karst.bdev.Protection;
import dev.karst.bdev.ProtectionLayout;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.testkit.DirectChannel;
import dev.karst.bdev.testkit.Probe;
import dev.karst.env.Region;
import dev.karst.reactor.sim.SimWorld;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read: protection information that fits, however the buffer is cut, and zeros. */
class NullChannelTest {
    private static final int DATA = 512;
    private static final int BLOCKS = 5;

    @ParameterizedTest
    @CsvSource({"8, 1, false, GUARD_16", "16, 2, true, GUARD_16", "128, 3, false, GUARD_16", "64, 1, true, GUARD_16",
        "16, 1, true, GUARD_32", "64, 2, false, GUARD_32", "16, 1, false, GUARD_64", "32, 3, false, GUARD_64"})
    void shouldReadProtectionThatFitsWhenTheBufferIsCutAnywhere(int bytes, int type, boolean atStart, ProtectionLayout layout)
        throws Exception {
        var format = new Metadata(bytes, true, type, atStart, Metadata.GUARD | Metadata.REFERENCE_TAG, layout);
        int blockSize = DATA + bytes;
        Geometry geometry = Geometry.of("a", new UUID(1, 1), "Null disk", blockSize, 1L << 40).keeping(format);
        try (var world = new SimWorld(1, 1)) {
            Region memory = world.environment().memory().allocate("data", BLOCKS * blockSize);
            var channel = new DirectChannel(new NullChannel(geometry, true));
            long first = (1L << 33) + 17;
            for (int piece = 3; piece < 700; piece += 11) {
                Mem.fill(memory.address(), BLOCKS * blockSize, (byte) 0x55);
                Probe probe = new Probe().wants(IoType.READ, first, BLOCKS);
                int cuts = Math.min(60, BLOCKS * blockSize / piece);
                for (int i = 0; i < cuts; i++) {
                    probe.data.add(memory.address() + (long) i * piece, piece);
                }
                if (BLOCKS * blockSize > cuts * piece) {
                    probe.data.add(memory.address() + (long) cuts * piece, BLOCKS * blockSize - cuts * piece);
                }
                assertEquals(Status.OK, channel.run(probe));
                for (int i = 0; i < BLOCKS; i++) {
                    long at = memory.address() + (long) i * blockSize;
                    assertEquals(0, Mem.getLong(at + DATA - 8));
                    int verified =
                        new Protection(format, blockSize).check(at, 0, 1, first + i, format.checks(), 0);
                    assertEquals(Status.OK, verified, "pieces of " + piece + ", block " + i);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0, true, true", "0, false, false", "8, true, false"})
    void shouldSayZerosInsteadOfWritingThemWhenThatIsTaken(int metadata, boolean taken, boolean said) throws Exception {
        Geometry plain = Geometry.of("a", new UUID(1, 1), "Null disk", DATA + metadata, 1L << 40);
        Geometry geometry = metadata == 0 ? plain : plain.keeping(new Metadata(metadata, true, 0, false, 0));
        try (var world = new SimWorld(1, 1)) {
            Region memory = world.environment().memory().allocate("data", geometry.blockSize());
            Mem.fill(memory.address(), geometry.blockSize(), (byte) 0x55);
            Probe probe = new Probe().wants(IoType.READ, 7, 1);
            probe.data.add(memory.address(), geometry.blockSize());
            probe.takesZeros = taken;
            assertEquals(Status.OK, new DirectChannel(new NullChannel(geometry, true)).run(probe));
            assertEquals(said, probe.zeros);
            assertEquals(said ? 0x55 : 0, Mem.getByte(memory.address()));
        }
    }

    @ParameterizedTest
    @CsvSource({"false, true, 0x55", "true, true, 0", "false, false, 0"})
    void shouldLeaveMemoryAsItWasOnlyWhenItIsTheReadersAndTheDeviceWasMadeSo(boolean readsZeros, boolean readers, int left)
        throws Exception {
        Geometry geometry = Geometry.of("a", new UUID(1, 1), "Null disk", DATA, 1L << 40);
        try (var world = new SimWorld(1, 1)) {
            Region memory = world.environment().memory().allocate("data", DATA);
            Mem.fill(memory.address(), DATA, (byte) 0x55);
            Probe probe = new Probe().wants(IoType.READ, 7, 1);
            probe.data.add(memory.address(), DATA);
            probe.readersMemory = readers;
            assertEquals(Status.OK, new DirectChannel(new NullChannel(geometry, readsZeros)).run(probe));
            assertEquals(left, Mem.getByte(memory.address()));
        }
    }
}
