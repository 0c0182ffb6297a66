package dev.karst.vhost.scsi;

import dev.karst.base.ReactorConfined;
import dev.karst.scsi.NexusOwner;
import dev.karst.scsi.ScsiNexus;
import dev.karst.scsi.ScsiNexus.Management;
import dev.karst.spec.virtio.ScsiResponse;
import java.util.function.IntConsumer;

/** The nexus of a guest with a target: the requests that the target may have at once. */
@ReactorConfined
final class GuestNexus implements NexusOwner {
    /** Most requests at once. */
    static final int DEPTH = 256;

    /** The first half of the additional sense code of all that is told as an event. */
    private static final int PARAMETERS_CHANGED = 0x2a;
    private static final int BYTE_MASK = 0xff;
    private static final int LUN_SHIFT = 16;

    private final GuestPort port;
    private final int number;
    private final ScsiNexus nexus;
    private final Request[] all = new Request[DEPTH];
    private final Request[] idle = new Request[DEPTH];
    private int idles;
    private int abortedAs = ScsiResponse.S_ABORTED;
    private Runnable whenReleased;

    GuestNexus(GuestPort port, Target target) {
        this.port = port;
        number = target.number;
        nexus = target.device.open(port.initiator(), Target.PORT, port.reactor(), this);
        for (int i = 0; i < DEPTH; i++) {
            all[i] = new Request(this, target.memory() + (long) i * Request.OWN_BYTES);
            nexus.prepare(all[i]);
            idle[idles++] = all[i];
        }
    }

    /** The eight bytes of a LUN field as SAM has it, of one as virtio-scsi has it. */
    static long lun(long field) {
        return field << LUN_SHIFT;
    }

    /** A request that is not in use, or null. */
    Request take() {
        return idles == 0 ? null : idle[--idles];
    }

    void give(Request request) {
        idle[idles++] = request;
    }

    void execute(Request request) {
        nexus.execute(request);
    }

    /** What to say of requests that are aborted. */
    int abortedAs() {
        return abortedAs;
    }

    /**
     * Task management; {@code done} hears a service response once all requests that end by it have ended.
     *
     * @param field the LUN field of the request
     * @param id for functions about one request: which
     */
    void manage(Management function, long field, long id, IntConsumer done) {
        boolean resets = function == Management.LOGICAL_UNIT_RESET || function == Management.I_T_NEXUS_RESET;
        abortedAs = resets ? ScsiResponse.S_RESET : ScsiResponse.S_ABORTED;
        boolean isOne = function == Management.ABORT_TASK || function == Management.QUERY_TASK;
        nexus.manage(function, lun(field), isOne ? find(id, lun(field)) : null, done);
    }

    private Request find(long id, long lun) {
        for (Request request : all) {
            if (request.isBusy() && request.id() == id && request.lun == lun) {
                return request;
            }
        }
        return null;
    }

    /** Ends it: what is in flight is aborted, and {@code done} runs once that has come back. */
    void close(Runnable done) {
        whenReleased = done;
        abortedAs = ScsiResponse.S_BAD_TARGET;
        nexus.close();
    }

    @Override
    public int maxTransferBytes() {
        return ScsiHost.MAX_TRANSFER_BYTES;
    }

    @Override
    public void attention(int lun, int asc) {
        if (asc >> Byte.SIZE == PARAMETERS_CHANGED) {
            port.changed(number, lun, asc >> Byte.SIZE | (asc & BYTE_MASK) << Byte.SIZE);
        }
    }

    @Override
    public void abortWaiting(int lun, boolean told) {
        // A request is there as a whole, and is executed at once.
    }

    @Override
    public void released() {
        whenReleased.run();
    }
}
