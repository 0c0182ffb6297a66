package dev.karst.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.nvmf.testkit.FuzzInput;
import dev.karst.spec.vhostuser.Request;
import dev.karst.vhost.master.BlkDriver;
import dev.karst.vhost.master.GuestRing;
import dev.karst.vhost.master.Master;
import dev.karst.vhost.played.PlayedFrontEnd;
import dev.karst.vhost.played.Said;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bytes, read as what a front-end says: messages of all kinds, in any order, with figures that mean something or nothing, and descriptors
 * that are wanted or not. Whatever comes, the target answers or closes, all that came along is given back, and the next front-end is
 * served. {@link #fuzzerTestOneInput} is also the entry for a fuzzer that is guided by coverage.
 */
class MessageFuzzTest {
    private static final int INPUTS = 300;
    /** A front-end that does as it should comes after so many inputs. */
    private static final int SERVED_EACH = 16;
    private static PlayedFrontEnd fuzzed;
    private static int played;

    /** One input. All inputs of a process share a device. */
    public static void fuzzerTestOneInput(byte[] input) throws StorageException {
        if (fuzzed == null) {
            fuzzed = new PlayedFrontEnd();
        }
        fuzzed.play(PlayedFrontEnd.messages(input));
        if (++played % SERVED_EACH == 0) {
            fuzzed.serve();
        }
    }

    private static boolean hold(Bench bench, byte[] input) throws Exception {
        FuzzInput choices = new FuzzInput(input);
        bench.awaitFree();
        try (Master master = bench.master(); var odd = new OddDescriptors(bench.environment, bench.folder)) {
            if (choices.small(2) == 1) {
                master.begin(16, 0);
            }
            while (choices.hasMore()) {
                send(master, odd, Said.next(choices));
            }
            master.send(Request.GET_PROTOCOL_FEATURES, new byte[0]);
            return master.drain(Request.GET_PROTOCOL_FEATURES);
        } catch (StorageException e) {
            return false;
        }
    }

    private static void send(Master master, OddDescriptors odd, Said said) throws StorageException, IOException {
        int[] descriptors = new int[said.kinds().size()];
        for (int i = 0; i < descriptors.length; i++) {
            descriptors[i] = odd.of(said.kinds().get(i));
        }
        master.send(said.request(), said.flags(), said.size(), said.payload(), descriptors);
    }

    /** On the machine itself, with real sockets and threads. */
    @Test
    @Timeout(value = 300, unit = TimeUnit.SECONDS)
    void shouldGoOnWhateverIsSaid(@TempDir Path folder) throws Exception {
        try (Bench bench = new Bench(folder, false)) {
            SplittableRandom random = new SplittableRandom(1);
            hold(bench, new byte[] {1});
            bench.awaitFree();
            long open = OddDescriptors.open();
            for (int i = 0; i < INPUTS; i++) {
                byte[] input = new byte[4 + random.nextInt(60)];
                random.nextBytes(input);
                hold(bench, input);
            }
            bench.awaitFree();
            assertTrue(OddDescriptors.open() <= open, "descriptors are left: " + (OddDescriptors.open() - open));
            try (Master master = bench.master()) {
                GuestRing ring = master.begin(16, 0);
                assertEquals(0, new BlkDriver(ring).read(0, 4096));
            }
        }
    }
}
