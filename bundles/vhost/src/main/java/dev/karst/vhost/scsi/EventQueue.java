package dev.karst.vhost.scsi;

import dev.karst.base.ReactorConfined;
import dev.karst.spec.virtio.ScsiEvent;
import dev.karst.vhost.device.DeviceQueue;
import dev.karst.vhost.device.QueueHandler;
import dev.karst.vhost.ring.Chain;

/** What the host tells: it takes a buffer of the driver's when there is something. Some events wait for buffers, more are missed. */
@ReactorConfined
final class EventQueue extends QueueHandler {
    /** Most events that wait. */
    static final int MOST = 64;

    private final GuestPort port;
    private final DeviceQueue queue;
    private final long[] luns = new long[MOST];
    private final int[] events = new int[MOST];
    private final int[] reasons = new int[MOST];
    private int first;
    private int count;
    private boolean missed;

    EventQueue(GuestPort port, DeviceQueue queue) {
        this.port = port;
        this.queue = queue;
        port.opened();
        port.events(this);
    }

    void tell(int event, long lun, int reason) {
        if (count == MOST) {
            missed = true;
            return;
        }
        int last = (first + count++) % MOST;
        luns[last] = lun;
        events[last] = event;
        reasons[last] = reason;
        queue.resume();
    }

    @Override
    public boolean takes() {
        return count > 0;
    }

    /** A buffer in which an event does not fit goes back empty. */
    @Override
    public void handle(Chain chain) {
        if (chain.isFaulty() || chain.writable.bytes() < ScsiEvent.BYTES) {
            queue.complete(chain, 0);
            return;
        }
        long event = queue.scratch();
        ScsiEvent.EVENT.set(event, events[first] | (missed ? ScsiEvent.T_EVENTS_MISSED : 0));
        ScsiEvent.LUN.set(event, luns[first]);
        ScsiEvent.REASON.set(event, reasons[first]);
        first = (first + 1) % MOST;
        count--;
        missed = false;
        chain.writable.copyFrom(0, event, ScsiEvent.BYTES);
        queue.complete(chain, ScsiEvent.BYTES);
    }

    @Override
    public void close() {
        port.events(null);
        port.closed();
    }
}
