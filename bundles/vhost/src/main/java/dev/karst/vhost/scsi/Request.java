package dev.karst.vhost.scsi;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.scsi.ScsiTask;
import dev.karst.spec.scsi.ScsiStatus;
import dev.karst.spec.virtio.ScsiRequest;
import dev.karst.spec.virtio.ScsiResponse;
import dev.karst.vhost.device.DeviceQueue;
import dev.karst.vhost.ring.Chain;

/** A request to a target; its data are the guest's own pages. */
@ReactorConfined
final class Request extends ScsiTask {
    /** Its own memory: the CDB, then the response with the sense data. */
    static final int OWN_BYTES = 256;

    private static final int RESPONSE = 64;

    private final GuestNexus nexus;
    private final long response;
    private DeviceQueue queue;
    private Chain chain;
    private long id;

    Request(GuestNexus nexus, long own) {
        super(Chain.MAX_PIECES);
        this.nexus = nexus;
        cdb = own;
        cdbBytes = ScsiRequest.CDB.bytes();
        response = own + RESPONSE;
        sense = response + ScsiResponse.SENSE.offset();
        Mem.fill(own, OWN_BYTES, (byte) 0);
    }

    /** Takes a request whose parts have been checked; {@code header} is a copy of its beginning. */
    void begin(DeviceQueue from, Chain newChain, long header) {
        queue = from;
        chain = newChain;
        id = ScsiRequest.ID.get(header);
        lun = GuestNexus.lun(ScsiRequest.LUN.get(header));
        attribute = attribute(ScsiRequest.TASK_ATTR.get(header));
        Mem.copy(header + ScsiRequest.CDB.offset(), cdb, cdbBytes);
        sent = (int) chain.readable.bytes() - ScsiRequest.BYTES;
        room = (int) chain.writable.bytes() - ScsiResponse.BYTES;
        if (room > 0) {
            data.slice(chain.writable, ScsiResponse.BYTES, room);
        } else {
            data.slice(chain.readable, ScsiRequest.BYTES, sent);
        }
    }

    private static int attribute(int coded) {
        return switch (coded) {
            case ScsiRequest.S_ORDERED -> ORDERED;
            case ScsiRequest.S_HEAD -> HEAD_OF_QUEUE;
            case ScsiRequest.S_ACA -> ACA;
            default -> SIMPLE;
        };
    }

    boolean isBusy() {
        return chain != null;
    }

    /** What the driver calls it. */
    long id() {
        return id;
    }

    @Override
    public void respond() {
        boolean isOverrun = status == ScsiStatus.GOOD && wanted > Math.max(sent, room);
        long moved = status != ScsiStatus.GOOD || room > 0 ? answered : Math.min(sent, wanted);
        ScsiResponse.SENSE_LEN.set(response, senseBytes);
        ScsiResponse.STATUS.set(response, status);
        end(isOverrun ? ScsiResponse.S_OVERRUN : ScsiResponse.S_OK, moved);
    }

    @Override
    public void aborted() {
        answered = 0;
        senseBytes = 0;
        ScsiResponse.SENSE_LEN.set(response, 0);
        ScsiResponse.STATUS.set(response, ScsiStatus.GOOD);
        end(nexus.abortedAs(), 0);
    }

    private void end(int code, long moved) {
        ScsiResponse.RESIDUAL.set(response, Math.max(sent, room) - moved);
        ScsiResponse.RESPONSE.set(response, code);
        Chain done = chain;
        InternalError lost = write(done);
        if (senseBytes > 0) {
            Mem.fill(sense, SENSE_BYTES, (byte) 0);
        }
        chain = null;
        nexus.give(this);
        if (lost == null) {
            queue.complete(done, ScsiResponse.BYTES + answered);
        } else {
            queue.lost(done, lost);
        }
    }

    /** Writes the response; why it could not, or null. */
    private InternalError write(Chain to) {
        try {
            to.writable.copyFrom(0, response, ScsiResponse.BYTES);
            return null;
        } catch (InternalError e) {
            return e;
        }
    }
}
