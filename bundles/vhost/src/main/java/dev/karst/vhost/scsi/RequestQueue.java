package dev.karst.vhost.scsi;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.spec.scsi.ScsiStatus;
import dev.karst.spec.virtio.ScsiRequest;
import dev.karst.spec.virtio.ScsiResponse;
import dev.karst.vhost.device.DeviceQueue;
import dev.karst.vhost.device.QueueHandler;
import dev.karst.vhost.ring.Chain;

/** Requests, each of which goes to the target that it names. */
@ReactorConfined
final class RequestQueue extends QueueHandler {
    /** More data than this nobody means. */
    private static final long MOST_BYTES = 1 << 30;

    private final GuestPort port;
    private final DeviceQueue queue;

    RequestQueue(GuestPort port, DeviceQueue queue) {
        this.port = port;
        this.queue = queue;
        port.opened();
    }

    @Override
    public void handle(Chain chain) {
        long room = chain.writable.bytes() - ScsiResponse.BYTES;
        long sent = chain.readable.bytes() - ScsiRequest.BYTES;
        if (room < 0) {
            queue.complete(chain, 0);
        } else if (chain.isFaulty() || sent < 0 || room > 0 && sent > 0 || Math.max(room, sent) > MOST_BYTES) {
            refuse(chain, ScsiResponse.S_FAILURE, ScsiStatus.GOOD);
        } else {
            execute(chain);
        }
    }

    private void execute(Chain chain) {
        long header = queue.scratch();
        chain.readable.copyTo(0, header, ScsiRequest.BYTES);
        GuestNexus nexus = port.nexus(ScsiRequest.LUN.get(header));
        Request request = nexus == null ? null : nexus.take();
        if (nexus == null) {
            refuse(chain, ScsiResponse.S_BAD_TARGET, ScsiStatus.GOOD);
        } else if (request == null) {
            refuse(chain, ScsiResponse.S_OK, ScsiStatus.TASK_SET_FULL);
        } else {
            request.begin(queue, chain, header);
            nexus.execute(request);
        }
    }

    /** Ends a request of which nothing was done. */
    private void refuse(Chain chain, int response, int status) {
        long answer = queue.scratch();
        long data = chain.writable.bytes() - ScsiResponse.BYTES + Math.max(chain.readable.bytes() - ScsiRequest.BYTES, 0);
        Mem.fill(answer, ScsiResponse.BYTES, (byte) 0);
        ScsiResponse.RESIDUAL.set(answer, data);
        ScsiResponse.STATUS.set(answer, status);
        ScsiResponse.RESPONSE.set(answer, response);
        chain.writable.copyFrom(0, answer, ScsiResponse.BYTES);
        queue.complete(chain, ScsiResponse.BYTES);
    }

    @Override
    public void close() {
        port.closed();
    }
}
