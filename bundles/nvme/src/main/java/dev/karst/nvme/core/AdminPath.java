package dev.karst.nvme.core;

import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.nvme.Command;
import dev.karst.nvme.NvmeRequest;
import dev.karst.nvme.core.identify.Admin;
import dev.karst.nvme.core.link.QueueCalls;
import dev.karst.nvme.transport.TransportQueue;
import dev.karst.reactor.Reactors;
import dev.karst.reactor.Timer;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;

/** The admin queue of one controller and what goes over it. */
final class AdminPath implements Admin {
    private static final int RETRY_NANOS = 1_000_000;

    private final TransportQueue queue;
    private final QueueCalls calls;
    private final Reactors reactors;
    private final int timeoutMs;
    private KeepAlive keepAlive;

    AdminPath(TransportQueue queue, QueueCalls calls, Reactors reactors, int timeoutMs) {
        this.queue = queue;
        this.calls = calls;
        this.reactors = reactors;
        this.timeoutMs = timeoutMs;
    }

    TransportQueue queue() {
        return queue;
    }

    @Override
    public <T> T call(Command command, QueueCalls.Reader<T> reader) throws StorageException {
        return calls.call(queue, command, timeoutMs, reader);
    }

    /** Gives a request to the controller; it ends on the queue's reactor. Any thread. */
    void submit(NvmeRequest request) {
        queue.reactor().execute(() -> give(request));
    }

    private void give(NvmeRequest request) {
        int status = queue.submit(request);
        if (status == Status.NO_RESOURCE) {
            queue.reactor().schedule(new Timer() {
                @Override
                public void expired() {
                    give(request);
                }
            }, RETRY_NANOS);
        } else if (status != Status.OK) {
            request.end(
                status == Status.NOT_CONNECTED ? NvmeStatus.COMMAND_ABORTED_BY_HOST : NvmeStatus.INVALID_FIELD_IN_COMMAND, 0);
        }
    }

    /** Asks for a command to be aborted; whether it worked shows on the command itself. Any thread. */
    void abort(int qid, int cid) {
        var abort = new NvmeRequest(1) {
            @Override
            protected void ended(int status) {
                // See above.
            }
        };
        abort.command(Opcode.ADMIN_ABORT, 0);
        abort.cdw10and11 = qid | (long) cid << 16;
        submit(abort);
    }

    /**
     * Gives the controller the requests that it answers when it has something to say, and shows it that the host is there.
     *
     * @param events how many requests
     * @param keepAliveMs KATO; 0 for none
     * @param silent what is done when keep-alives are not answered
     */
    void listen(int events, AsyncEvents.Listener listener, int keepAliveMs, Runnable silent) throws StorageException {
        reactors.call(queue.reactor(), reactor -> {
            new AsyncEvents(queue, events, listener).submit();
            queue.quiet(events);
            if (keepAliveMs > 0) {
                keepAlive = new KeepAlive(queue, keepAliveMs, silent);
                keepAlive.start();
            }
            return null;
        });
    }

    /** From when this returns nothing is in flight. The controller is stopped, or the connection ends here. */
    void cut() throws StorageException {
        reactors.call(queue.reactor(), reactor -> {
            if (keepAlive != null) {
                keepAlive.stop();
            }
            queue.cut();
            return null;
        });
    }
}
