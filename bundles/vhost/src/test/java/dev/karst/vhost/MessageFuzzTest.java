package dev.karst.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.nvmf.testkit.FuzzInput;
import dev.karst.spec.vhostuser.Request;
import dev.karst.vhost.master.BlkDriver;
import dev.karst.vhost.master.Guest;
import dev.karst.vhost.master.GuestRing;
import dev.karst.vhost.master.Master;
import dev.karst.vhost.master.Payload;
import java.io.IOException;
import java.nio.file.Files;
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
    private static final int[] REQUESTS = {
        Request.GET_FEATURES, Request.SET_FEATURES, Request.SET_OWNER, Request.RESET_OWNER, Request.SET_MEM_TABLE, Request.SET_LOG_BASE,
        Request.SET_LOG_FD, Request.SET_VRING_NUM, Request.SET_VRING_ADDR, Request.SET_VRING_BASE, Request.GET_VRING_BASE,
        Request.SET_VRING_KICK, Request.SET_VRING_CALL, Request.SET_VRING_ERR, Request.GET_PROTOCOL_FEATURES,
        Request.SET_PROTOCOL_FEATURES, Request.GET_QUEUE_NUM, Request.SET_VRING_ENABLE, Request.SET_BACKEND_REQ_FD, Request.GET_CONFIG,
        Request.SET_CONFIG, Request.GET_INFLIGHT_FD, Request.SET_INFLIGHT_FD, Request.RESET_DEVICE, Request.GET_MAX_MEM_SLOTS,
        Request.ADD_MEM_REG, Request.REM_MEM_REG, 0, 19, 99};
    private static final long[] FIGURES = {
        0, 1, 2, 3, 8, 16, 64, 255, 256, 257, 1024, 4096, 0x10000, 0x40000, Guest.PART_BYTES, Guest.SECOND, 0x7f12_0000_0000L,
        0x7f12_0001_0000L, 0x7f12_0002_0000L, 0x7f12_4000_0000L, 0x1_7000_0000L, -1, -4096, Long.MIN_VALUE, 0x8000_8000L};
    private static final String[] KINDS = {"memory", "event", "short", "pipe", "unsealed"};
    private static Bench fuzzed;

    /** One input. All inputs of a process share a target. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        if (fuzzed == null) {
            fuzzed = new Bench(Files.createTempDirectory("vhost"), false);
        }
        hold(fuzzed, input);
    }

    private static boolean hold(Bench bench, byte[] input) throws Exception {
        FuzzInput choices = new FuzzInput(input);
        bench.awaitFree();
        try (Master master = bench.master(); var odd = new OddDescriptors(bench.environment, bench.folder)) {
            if (choices.small(2) == 1) {
                master.begin(16, 0);
            }
            while (choices.hasMore()) {
                send(master, odd, choices);
            }
            master.send(Request.GET_PROTOCOL_FEATURES, new byte[0]);
            return master.drain(Request.GET_PROTOCOL_FEATURES);
        } catch (StorageException e) {
            return false;
        }
    }

    private static void send(Master master, OddDescriptors odd, FuzzInput choices) throws StorageException, IOException {
        int request = REQUESTS[choices.small(REQUESTS.length)];
        byte[] payload = payload(request, choices);
        int shape = choices.next();
        int[] descriptors = new int[shape % 8 < 5 ? usual(request) : shape % 8 - 4];
        for (int i = 0; i < descriptors.length; i++) {
            descriptors[i] = odd.of(KINDS[choices.small(KINDS.length)]);
        }
        int flags = Master.VERSION | shape >> 3 & Master.NEED_REPLY | (shape >= 0xf8 ? shape : 0);
        master.send(request, flags, payload.length + (shape == 0xf7 ? 4 : 0), payload, descriptors);
    }

    private static int usual(int request) {
        return switch (request) {
            case Request.SET_MEM_TABLE -> 2;
            case Request.SET_VRING_KICK, Request.SET_VRING_CALL, Request.SET_VRING_ERR, Request.ADD_MEM_REG, Request.SET_LOG_BASE,
                Request.SET_LOG_FD, Request.SET_INFLIGHT_FD, Request.SET_BACKEND_REQ_FD -> 1;
            default -> 0;
        };
    }

    private static byte[] payload(int request, FuzzInput choices) {
        Payload payload = new Payload();
        String widths = switch (request) {
            case Request.SET_FEATURES, Request.SET_PROTOCOL_FEATURES, Request.SET_VRING_KICK, Request.SET_VRING_CALL,
                Request.SET_VRING_ERR -> "8";
            case Request.SET_VRING_NUM, Request.SET_VRING_BASE, Request.GET_VRING_BASE, Request.SET_VRING_ENABLE -> "44";
            case Request.SET_VRING_ADDR -> "448888";
            case Request.SET_MEM_TABLE -> "4488888888";
            case Request.ADD_MEM_REG, Request.REM_MEM_REG -> "88888";
            case Request.SET_LOG_BASE -> "88";
            case Request.GET_INFLIGHT_FD, Request.SET_INFLIGHT_FD -> "88224";
            case Request.GET_CONFIG, Request.SET_CONFIG -> "4448";
            default -> "";
        };
        for (char width : widths.toCharArray()) {
            payload.add(width - '0', FIGURES[choices.small(FIGURES.length)]);
        }
        return payload.bytes();
    }

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
