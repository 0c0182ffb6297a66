package dev.karst.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.nvmf.testkit.BadInputs;
import dev.karst.nvmf.testkit.Fields;
import dev.karst.spec.vhostuser.Request;
import dev.karst.spec.virtio.Feature;
import dev.karst.spec.virtio.ScsiRequest;
import dev.karst.vhost.master.BlkDriver;
import dev.karst.vhost.master.GuestRing;
import dev.karst.vhost.master.GuestRing.Used;
import dev.karst.vhost.master.Master;
import dev.karst.vhost.master.Payload;
import dev.karst.vhost.master.ScsiDriver;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Plays a bad input against a block device of 8 MiB, or a SCSI host that has it as target 0, and says what was not as it should be. The steps of a case:
 *
 * <pre>
 * use NAME                       goes on with that front-end, which connects when it is first named; "host" if none was
 * do greet [packed event indirect log]   features, of which the ring's are those named
 * do memory                      shares the guest's memory
 * do ring [size=N] [index=N]     sets up a ring that is not started
 * do start [size=N] [packed ...] all that it takes to serve ring 0
 * do scsi                        all that it takes to serve the control, the event and a request queue of a SCSI host whose target 0 is ready
 * queue control | events | requests      steps are about that ring of them; at first about requests
 * request lun=N cdb=HEX [attribute=N]    the header of a SCSI request, at 0x100000; the response at 0x110000 is taken away
 * do restart                     stops ring 0 and starts it again from the beginning
 * do vanish                      the front-end goes, and the target has noticed it
 * send REQUEST [PAYLOAD] name=value ...  a message; PAYLOAD is WIDTH:VALUE,... as are its figures in order, GOOD-MEMORY, or GOOD-ADDRESSES;
 *                                size= and flags= for another header, fds=KIND,... ({@link OddDescriptors}), ack to ask for a reply
 * header type=N sector=N         the header of a request, at 0x100000; the status at 0x110000 is taken away, data lie at 0x200000
 * desc N addr= len= [next=N] [write] [indirect] [flags=] [at=GUEST]   a descriptor, of ring 0 or of a table elsewhere
 * packed N addr= len= id= [next] [write] [indirect] [flags=]          one of a packed ring, available in the first round
 * put GUEST WIDTH:VALUE,...      figures in the guest's memory
 * avail HEAD | avail idx=N       a chain is available, or just the index
 * kick                           the guest kicks
 * mark                           counts the process's descriptors
 * expect ack | nack | closed [within=MS] | silence | broken | running | used [id=N] [len=N] | unused | status N | alive
 * expect response N [status=N] [sense=N]      of a SCSI request; sense key, additional sense code and qualifier
 * expect reply REQUEST [size=N] [u64=N]
 * expect bytes GUEST WIDTH:VALUE,...
 * expect no-leak                 descriptors are no more than at the mark
 * </pre>
 */
final class BadMasterPlayer implements AutoCloseable {
    private static final int SHORT_MS = 100;
    private static final int SIZE = 16;
    private static final long LEAK_WAIT_MS = 5_000;

    private final Bench bench;
    private final OddDescriptors odd;
    private final Map<String, Master> all = new LinkedHashMap<>();
    private final Map<String, GuestRing> rings = new LinkedHashMap<>();
    private String name;
    private Master now;
    private GuestRing ring;
    /** Of a SCSI host; null for none. */
    private ScsiDriver scsi;
    private int lastRequest;
    private long open;

    BadMasterPlayer(Bench bench) {
        this.bench = bench;
        odd = new OddDescriptors(bench.environment, bench.folder);
    }

    void play(BadInputs.Case bad) throws Exception {
        bench.awaitFree();
        for (String step : bad.steps()) {
            try {
                String[] words = step.split("\\s+");
                if (now == null && !words[0].equals("use") && !words[0].equals("mark")) {
                    use("host");
                }
                step(words);
            } catch (IOException | StorageException | AssertionError e) {
                throw new AssertionError(bad + ": at '" + step + "': " + e.getMessage(), e);
            }
        }
    }

    private void use(String who) throws StorageException {
        name = who;
        now = all.get(who);
        if (now == null) {
            now = bench.master();
            all.put(who, now);
        }
        ring = rings.get(who);
    }

    private void ring(GuestRing another) {
        ring = another;
        rings.put(name, another);
    }

    private void step(String[] words) throws Exception {
        switch (words[0]) {
            case "use" -> use(words[1]);
            case "mark" -> open = OddDescriptors.open();
            case "do" -> act(words[1], new Fields(words, 2));
            case "send" -> send(words);
            case "queue" -> ring(switch (words[1]) {
                case "control" -> scsi.control;
                case "events" -> scsi.events;
                default -> scsi.requests;
            });
            case "header", "request", "desc", "packed", "put", "avail" -> memory(words);
            case "kick" -> ring.kick();
            case "expect" -> expect(words);
            default -> throw new IOException("there is no such step");
        }
    }

    private static long features(Fields fields) {
        return (fields.has("packed") ? Feature.RING_PACKED : 0) | (fields.has("event") ? Feature.RING_EVENT_IDX : 0)
            | (fields.has("indirect") ? Feature.RING_INDIRECT_DESC : 0) | (fields.has("log") ? Feature.LOG_ALL : 0);
    }

    private void act(String what, Fields fields) throws Exception {
        switch (what) {
            case "greet" -> now.greet(features(fields));
            case "memory" -> now.shareMemory();
            case "ring" -> ring(GuestRing.of(now, fields.small("index", 0), fields.small("size", SIZE)));
            case "start" -> ring(now.begin(fields.small("size", SIZE), features(fields)));
            case "scsi" -> {
                scsi = new ScsiDriver(now, SIZE, 0);
                scsi.ready(0);
                ring(scsi.requests);
            }
            case "restart" -> {
                now.stop(0);
                ring(GuestRing.of(now, 0, ring.size));
                now.start(ring);
            }
            case "vanish" -> {
                all.remove(name).close();
                bench.awaitFree();
            }
            default -> throw new IOException("there is no such act");
        }
        fields.checkAllAsked();
    }

    private static int request(String name) throws ReflectiveOperationException {
        return Character.isDigit(name.charAt(0)) ? Integer.parseInt(name) : Request.class.getField(name).getInt(null);
    }

    private void send(String[] words) throws Exception {
        lastRequest = request(words[1]);
        boolean hasPayload = words.length > 2 && (words[2].matches("\\d+:.*") || words[2].startsWith("GOOD-"));
        byte[] payload = hasPayload ? payload(words[2]) : new byte[0];
        Fields fields = new Fields(words, hasPayload ? 3 : 2);
        String kinds = fields.text("fds", "");
        int[] descriptors = kinds.isEmpty() ? new int[0] : new int[kinds.split(",").length];
        for (int i = 0; i < descriptors.length; i++) {
            descriptors[i] = odd.of(kinds.split(",")[i]);
        }
        int flags = fields.small("flags", Master.VERSION | (fields.has("ack") ? Master.NEED_REPLY : 0));
        int size = fields.small("size", payload.length);
        fields.checkAllAsked();
        now.send(lastRequest, flags, size, payload, descriptors);
    }

    private byte[] payload(String text) {
        return switch (text) {
            case "GOOD-MEMORY" -> {
                Payload table = new Payload().u32(now.guest.parts.size()).u32(0);
                now.guest.parts.forEach(part -> part.addTo(table));
                yield table.bytes();
            }
            case "GOOD-ADDRESSES" -> now.addresses(ring).bytes();
            default -> figures(text);
        };
    }

    /** WIDTH:VALUE,..., or WIDTH:VALUE*TIMES. */
    private static byte[] figures(String text) {
        Payload payload = new Payload();
        for (String figure : text.split(",")) {
            String[] parts = figure.split("[:*]");
            for (int i = parts.length > 2 ? Integer.parseInt(parts[2]) : 1; i > 0; i--) {
                payload.add(Integer.parseInt(parts[0]), Fields.number(parts[1]));
            }
        }
        return payload.bytes();
    }

    private void memory(String[] words) throws IOException {
        switch (words[0]) {
            case "header" -> {
                Fields fields = new Fields(words, 1);
                BlkDriver.prepare(now.guest, fields.number("type", 0), fields.number("sector", 0));
                fields.checkAllAsked();
            }
            case "request" -> {
                Fields fields = new Fields(words, 1);
                scsi.prepare(0, fields.number("lun", 0), fields.text("cdb", ""));
                ScsiRequest.TASK_ATTR.set(now.guest.at(ScsiDriver.REQUEST), fields.small("attribute", 0));
                fields.checkAllAsked();
            }
            case "desc" -> descriptor(Integer.parseInt(words[1]), new Fields(words, 2));
            case "packed" -> packed(Integer.parseInt(words[1]), new Fields(words, 2));
            case "put" -> {
                byte[] bytes = figures(words[2]);
                Mem.put(now.guest.at(Fields.number(words[1])), bytes, 0, bytes.length);
            }
            default -> avail(words[1]);
        }
    }

    private void descriptor(int index, Fields fields) {
        long at = now.guest.at(fields.number("at", ring.descriptors)) + 16L * index;
        int flags = (fields.has("next") ? 1 : 0) | (fields.has("write") ? 2 : 0) | (fields.has("indirect") ? 4 : 0);
        Mem.setLong(at, fields.number("addr", 0));
        Mem.setInt(at + 8, (int) fields.number("len", 0));
        Mem.setShort(at + 12, (short) fields.number("flags", flags));
        Mem.setShort(at + 14, (short) fields.number("next", 0));
        fields.checkAllAsked();
    }

    private void packed(int index, Fields fields) {
        long at = now.guest.at(ring.descriptors) + 16L * index;
        int flags = (fields.has("next") ? 1 : 0) | (fields.has("write") ? 2 : 0) | (fields.has("indirect") ? 4 : 0) | 1 << 7;
        Mem.setLong(at, fields.number("addr", 0));
        Mem.setInt(at + 8, (int) fields.number("len", 0));
        Mem.setShort(at + 12, (short) fields.number("id", 0));
        Mem.setShortRelease(at + 14, (short) fields.number("flags", flags));
        fields.checkAllAsked();
    }

    private void avail(String what) {
        long index = now.guest.at(ring.driver) + 2;
        int next = Mem.getU16(index);
        if (what.startsWith("idx=")) {
            next = (int) Fields.number(what.substring(4));
        } else {
            Mem.setShort(index + 2 + 2L * (next % ring.size), (short) Fields.number(what));
            next++;
        }
        Mem.setShortRelease(index, (short) next);
    }

    private void expect(String[] words) throws Exception {
        switch (words[1]) {
            case "ack" -> assertEquals(0, Payload.get(now.receive(lastRequest, Master.WAIT_MS), 0, Long.BYTES));
            case "nack" -> assertNotEquals(0, Payload.get(now.receive(lastRequest, Master.WAIT_MS), 0, Long.BYTES));
            case "closed" -> assertTrue(now.isClosedByTarget(new Fields(words, 2).number("within", Master.WAIT_MS)), "it stays open");
            case "silence" -> assertTrue(!now.isClosedByTarget(SHORT_MS), "it is closed");
            case "broken" -> assertTrue(ring.error.within(Master.WAIT_MS), "the ring goes on");
            case "running" -> assertTrue(!ring.error.within(SHORT_MS), "the ring is broken");
            case "used" -> expectUsed(new Fields(words, 2));
            case "unused" -> assertNull(ring.await(SHORT_MS));
            case "status" -> assertEquals(Integer.parseInt(words[2]), BlkDriver.status(now.guest));
            case "response" -> expectResponse(Integer.parseInt(words[2]), new Fields(words, 3));
            case "alive" -> expectAlive();
            case "reply" -> expectReply(words[2], new Fields(words, 3));
            case "bytes" -> {
                byte[] wanted = figures(words[3]);
                byte[] found = new byte[wanted.length];
                Mem.get(now.guest.at(Fields.number(words[2])), found, 0, found.length);
                assertEquals(Arrays.toString(wanted), Arrays.toString(found));
            }
            case "no-leak" -> expectNoLeak();
            default -> throw new IOException("there is no such expectation");
        }
    }

    private void expectAlive() {
        if (scsi == null) {
            assertEquals(0, new BlkDriver(ring).read(0, 4096));
        } else {
            scsi.must(0, "28 00 00 00 00 00 00 00 08 00", new GuestRing.Piece(ScsiDriver.DATA, 4096, true));
        }
    }

    private void expectResponse(int response, Fields fields) {
        assertEquals(response, scsi.response(0), "response");
        assertEquals(fields.small("status", scsi.status(0)), scsi.status(0), "status");
        assertEquals(fields.number("sense", scsi.sense(0)), scsi.sense(0), "sense");
        fields.checkAllAsked();
    }

    private void expectUsed(Fields fields) {
        Used used = ring.await(Master.WAIT_MS);
        assertNotNull(used, "nothing comes back");
        assertEquals(fields.number("id", used.id()), used.id(), "id");
        assertEquals(fields.number("len", used.written()), used.written(), "bytes written");
        fields.checkAllAsked();
    }

    private void expectReply(String request, Fields fields) throws Exception {
        byte[] payload = now.receive(request(request), Master.WAIT_MS);
        assertEquals(fields.number("size", payload.length), payload.length, "bytes");
        if (fields.has("u64")) {
            assertEquals(fields.number("u64", 0), Payload.get(payload, 0, Long.BYTES), "u64");
        }
        fields.checkAllAsked();
    }

    private void expectNoLeak() throws IOException, InterruptedException {
        odd.close();
        long end = System.nanoTime() + LEAK_WAIT_MS * 1_000_000;
        while (OddDescriptors.open() > open && System.nanoTime() < end) {
            Thread.sleep(10);
        }
        assertTrue(OddDescriptors.open() <= open, "descriptors are left");
    }

    @Override
    public void close() {
        all.values().forEach(Master::close);
        odd.close();
    }
}
