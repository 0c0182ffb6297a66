package dev.karst.vhost.master;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.spec.scsi.ScsiStatus;
import dev.karst.spec.virtio.ScsiEvent;
import dev.karst.spec.virtio.ScsiRequest;
import dev.karst.spec.virtio.ScsiResponse;
import dev.karst.spec.virtio.ScsiTaskRequest;
import dev.karst.vhost.master.GuestRing.Piece;
import dev.karst.vhost.master.GuestRing.Used;
import java.util.HexFormat;

/** The guest's driver of a virtio-scsi host: a control queue, an event queue and a request queue; a request at a time, or more. */
public final class ScsiDriver {
    /** Where requests, responses and data lie in the guest; further requests a step further each. */
    public static final long REQUEST = 0x100000;
    public static final long RESPONSE = 0x110000;
    public static final long DATA = 0x200000;
    public static final long STEP = 0x400;
    /** Where buffers for events lie. */
    public static final long EVENTS = 0x130000;
    public static final int EVENT_STEP = 64;
    /** What stands in the place of a response before there is one. */
    public static final int NO_RESPONSE = 0xff;

    /** Where a request of the control queue lies. */
    public static final long CONTROL = 0x140000;

    private static final long CONTROL_ANSWER = 0x141000;

    public final GuestRing control;
    public final GuestRing events;
    public final GuestRing requests;
    private final Guest guest;

    /** Starts all three. */
    public ScsiDriver(Master master, int size, long ringFeatures) throws StorageException {
        control = master.begin(size, ringFeatures);
        events = GuestRing.of(master, 1, size);
        master.start(events);
        requests = GuestRing.of(master, 2, size);
        master.start(requests);
        guest = master.guest;
    }

    /** The LUN field for a logical unit of a target. */
    public static long lun(int target, int unit) {
        return 1L << 56 | (long) target << 48 | 0x4000L << 32 | (long) unit << 32;
    }

    /** The place of a request's figures. */
    public static long place(long base, int slot) {
        return base + slot * STEP;
    }

    /** Writes the header of a request, and takes the response away. */
    public void prepare(int slot, long lun, String cdb) {
        long header = guest.at(place(REQUEST, slot));
        Mem.fill(header, ScsiRequest.BYTES, (byte) 0);
        ScsiRequest.LUN.set(header, lun);
        ScsiRequest.ID.set(header, slot);
        byte[] bytes = HexFormat.of().parseHex(cdb.replace(" ", ""));
        Mem.put(header + ScsiRequest.CDB.offset(), bytes, 0, bytes.length);
        Mem.fill(guest.at(place(RESPONSE, slot)), ScsiResponse.BYTES, (byte) NO_RESPONSE);
    }

    /** Makes a request available that was prepared, with this data. */
    public int add(int slot, Piece... data) {
        Piece[] chain = new Piece[data.length + 2];
        chain[0] = new Piece(place(REQUEST, slot), ScsiRequest.BYTES, false);
        int at = 1;
        for (Piece piece : data) {
            if (!piece.write()) {
                chain[at++] = piece;
            }
        }
        chain[at++] = new Piece(place(RESPONSE, slot), ScsiResponse.BYTES, true);
        for (Piece piece : data) {
            if (piece.write()) {
                chain[at++] = piece;
            }
        }
        return requests.add(chain);
    }

    /** The next request that comes back. */
    public Used await() {
        Used used = requests.await(Master.WAIT_MS);
        if (used == null) {
            throw new AssertionError("no request comes back");
        }
        return used;
    }

    /** A request; its response. */
    public int run(long lun, String cdb, Piece... data) {
        prepare(0, lun, cdb);
        int id = add(0, data);
        requests.kick();
        Used used = await();
        if (used.id() != id) {
            throw new AssertionError("chain " + id + " does not come back, but " + used);
        }
        return response(0);
    }

    /** A request to logical unit 0 of a target that must end well. */
    public void must(int target, String cdb, Piece... data) {
        int response = run(lun(target, 0), cdb, data);
        if (response != ScsiResponse.S_OK || status(0) != ScsiStatus.GOOD) {
            throw new AssertionError("response " + response + ", status " + status(0) + ", sense " + Integer.toHexString(sense(0)));
        }
    }

    /** Takes unit attentions until there is none. */
    public void ready(int target) {
        for (int i = 0; i < 8; i++) {
            run(lun(target, 0), "00 00 00 00 00 00");
            if (status(0) == ScsiStatus.GOOD) {
                return;
            }
        }
        throw new AssertionError("target " + target + " is not ready: " + Integer.toHexString(sense(0)));
    }

    public int response(int slot) {
        return ScsiResponse.RESPONSE.get(guest.at(place(RESPONSE, slot)));
    }

    public int status(int slot) {
        return ScsiResponse.STATUS.get(guest.at(place(RESPONSE, slot)));
    }

    public long residual(int slot) {
        return ScsiResponse.RESIDUAL.get(guest.at(place(RESPONSE, slot)));
    }

    /** The sense key, the additional sense code and its qualifier, of fixed format; 0 for none. */
    public int sense(int slot) {
        long response = guest.at(place(RESPONSE, slot));
        long sense = response + ScsiResponse.SENSE.offset();
        return ScsiResponse.SENSE_LEN.get(response) == 0 ? 0
            : Mem.getU8(sense + 2) << 16 | Mem.getU8(sense + 12) << 8 | Mem.getU8(sense + 13);
    }

    /** A task management function; its answer. */
    public int manage(int subtype, long lun, long id) {
        long header = guest.at(CONTROL);
        ScsiTaskRequest.TYPE.set(header, ScsiTaskRequest.T_TMF);
        ScsiTaskRequest.SUBTYPE.set(header, subtype);
        ScsiTaskRequest.LUN.set(header, lun);
        ScsiTaskRequest.ID.set(header, id);
        return control(ScsiTaskRequest.BYTES, 1);
    }

    /** A request in the control queue that begins where {@link #controlAt} is; the last byte of so long an answer. */
    public int control(int bytes, int answerBytes) {
        Mem.fill(guest.at(CONTROL_ANSWER), 16, (byte) NO_RESPONSE);
        int id = control.add(new Piece(CONTROL, bytes, false), new Piece(CONTROL_ANSWER, answerBytes, true));
        control.kick();
        Used used = control.await(Master.WAIT_MS);
        if (used == null || used.id() != id) {
            throw new AssertionError("the control request does not come back, but " + used);
        }
        return Mem.getU8(guest.at(CONTROL_ANSWER) + answerBytes - 1);
    }

    /** Where a request of {@link #control} is put together. */
    public long controlAt() {
        return guest.at(CONTROL);
    }

    /** Gives the device a buffer for an event. */
    public void giveEventBuffer(int slot, int bytes) {
        events.add(new Piece(EVENTS + (long) slot * EVENT_STEP, bytes, true));
        events.kick();
    }

    /** The event that comes next into that buffer: its type, LUN field and reason; null when none comes in this time. */
    public String event(int slot, long waitMs) {
        Used used = events.await(waitMs);
        if (used == null) {
            return null;
        }
        long at = guest.at(EVENTS + (long) slot * EVENT_STEP);
        return used.written() == 0 ? "empty" : "%x %016x %x".formatted(
            ScsiEvent.EVENT.get(at), ScsiEvent.LUN.get(at), ScsiEvent.REASON.get(at));
    }
}
