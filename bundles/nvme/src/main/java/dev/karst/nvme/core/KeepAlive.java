package dev.karst.nvme.core;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.nvme.NvmeRequest;
import dev.karst.nvme.transport.TransportQueue;
import dev.karst.reactor.Timer;
import dev.karst.spec.nvme.Opcode;

/**
 * Tells the controller twice in each keep-alive time that the host is there; who does not answer before the next is due has gone. NVMe
 * Base 2.1, 3.9. On the admin queue's reactor.
 */
@ReactorConfined
final class KeepAlive {
    private static final long MS = 1_000_000;

    private final TransportQueue admin;
    private final long periodNanos;
    private final Runnable silent;
    private boolean out;
    private final NvmeRequest request = new NvmeRequest(1) {
        @Override
        protected void ended(int status) {
            out = false;
        }
    };
    private final Timer timer = new Timer() {
        @Override
        public void expired() {
            beat();
        }
    };

    /**
     * @param keepAliveMs KATO
     * @param silent what is done when the controller does not answer
     */
    KeepAlive(TransportQueue admin, int keepAliveMs, Runnable silent) {
        this.admin = admin;
        this.periodNanos = keepAliveMs * MS / 2;
        this.silent = silent;
    }

    void start() {
        admin.reactor().schedule(timer, periodNanos);
    }

    void stop() {
        admin.reactor().cancel(timer);
    }

    private void beat() {
        if (out) {
            silent.run();
            return;
        }
        request.command(Opcode.ADMIN_KEEP_ALIVE, 0);
        out = admin.submit(request) == Status.OK;
        admin.reactor().schedule(timer, periodNanos);
    }
}
