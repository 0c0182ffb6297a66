package dev.karst.vhost.scsi;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.scsi.ScsiNexus;
import dev.karst.scsi.ScsiNexus.Management;
import dev.karst.spec.virtio.ScsiNotifyRequest;
import dev.karst.spec.virtio.ScsiResponse;
import dev.karst.spec.virtio.ScsiTaskRequest;
import dev.karst.vhost.device.DeviceQueue;
import dev.karst.vhost.device.QueueHandler;
import dev.karst.vhost.ring.Chain;

/** Task management functions, and requests for notifications, of which there are none. Not on the I/O path. */
@ReactorConfined
final class ControlQueue extends QueueHandler {
    private final GuestPort port;
    private final DeviceQueue queue;

    ControlQueue(GuestPort port, DeviceQueue queue) {
        this.port = port;
        this.queue = queue;
        port.opened();
    }

    @Override
    public void handle(Chain chain) {
        long header = queue.scratch();
        long bytes = chain.isFaulty() ? 0 : Math.min(chain.readable.bytes(), ScsiTaskRequest.BYTES);
        Mem.fill(header, ScsiTaskRequest.BYTES, (byte) 0);
        chain.readable.copyTo(0, header, bytes);
        long type = bytes < Integer.BYTES ? -1 : ScsiTaskRequest.TYPE.get(header);
        if (type == ScsiTaskRequest.T_TMF) {
            manage(chain, header, bytes);
        } else if (type == ScsiTaskRequest.T_AN_QUERY || type == ScsiTaskRequest.T_AN_SUBSCRIBE) {
            notifyOfNothing(chain, bytes);
        } else {
            queue.complete(chain, 0);
        }
    }

    private void manage(Chain chain, long header, long bytes) {
        long lun = ScsiTaskRequest.LUN.get(header);
        Management function = function((int) ScsiTaskRequest.SUBTYPE.get(header));
        GuestNexus nexus = port.nexus(lun);
        if (bytes < ScsiTaskRequest.BYTES || function == null) {
            answer(chain, ScsiTaskRequest.S_FUNCTION_REJECTED);
        } else if (nexus == null) {
            answer(chain, ScsiResponse.S_BAD_TARGET);
        } else {
            nexus.manage(function, lun, ScsiTaskRequest.ID.get(header), response -> answer(chain, coded(response)));
        }
    }

    /** Null where there is no such function. */
    private static Management function(int subtype) {
        return switch (subtype) {
            case ScsiTaskRequest.ABORT_TASK -> Management.ABORT_TASK;
            case ScsiTaskRequest.ABORT_TASK_SET -> Management.ABORT_TASK_SET;
            case ScsiTaskRequest.CLEAR_ACA -> Management.CLEAR_ACA;
            case ScsiTaskRequest.CLEAR_TASK_SET -> Management.CLEAR_TASK_SET;
            case ScsiTaskRequest.I_T_NEXUS_RESET -> Management.I_T_NEXUS_RESET;
            case ScsiTaskRequest.LOGICAL_UNIT_RESET -> Management.LOGICAL_UNIT_RESET;
            case ScsiTaskRequest.QUERY_TASK -> Management.QUERY_TASK;
            case ScsiTaskRequest.QUERY_TASK_SET -> Management.QUERY_TASK_SET;
            default -> null;
        };
    }

    /** A task that is not there has been aborted: SAM-6, 7.2. */
    private static int coded(int response) {
        return switch (response) {
            case ScsiNexus.FUNCTION_COMPLETE, ScsiNexus.NO_TASK -> ScsiTaskRequest.S_FUNCTION_COMPLETE;
            case ScsiNexus.FUNCTION_SUCCEEDED -> ScsiTaskRequest.S_FUNCTION_SUCCEEDED;
            case ScsiNexus.NO_LUN -> ScsiTaskRequest.S_INCORRECT_LUN;
            default -> ScsiTaskRequest.S_FUNCTION_REJECTED;
        };
    }

    private void answer(Chain chain, int response) {
        Mem.setByte(queue.scratch(), (byte) response);
        end(chain, 1);
    }

    /** None of the notifications is there. */
    private void notifyOfNothing(Chain chain, long bytes) {
        boolean isWhole = bytes >= ScsiNotifyRequest.BYTES;
        Mem.setInt(queue.scratch(), 0);
        Mem.setByte(queue.scratch() + Integer.BYTES, (byte) (isWhole ? ScsiResponse.S_OK : ScsiResponse.S_FAILURE));
        end(chain, ScsiNotifyRequest.ANSWER_BYTES);
    }

    /** Ends a request with the first bytes of the scratch, or with nothing if there is no room for them. */
    private void end(Chain chain, int bytes) {
        boolean fits = chain.writable.bytes() >= bytes;
        try {
            chain.writable.copyFrom(0, queue.scratch(), fits ? bytes : 0);
        } catch (InternalError e) {
            queue.lost(chain, e);
            return;
        }
        queue.complete(chain, fits ? bytes : 0);
    }

    @Override
    public void close() {
        port.closed();
    }
}
