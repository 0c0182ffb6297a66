package dev.karst.nvmf.core.model;

import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.reactor.Timer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Makes durable what a host wrote, before its controller says that it is shut down: flushes each namespace that has a
 * volatile cache. On the controller's reactor.
 */
final class ShutdownFlush {
    private static final Logger LOG = System.getLogger(ShutdownFlush.class.getName());
    private static final long RETRY_NANOS = 1_000_000;

    /** What follows. */
    @FunctionalInterface
    interface Done {
        void ended(boolean clean);
    }

    private final ReactorGroup group;
    private final SubsystemGroup namespaces;
    private final Done done;
    private boolean clean = true;
    private int left = 1;

    private ShutdownFlush(Controller controller, Done done) {
        group = controller.group();
        namespaces = group.enter(controller.subsystem);
        this.done = done;
    }

    static void begin(Controller controller, Done done) {
        boolean needed = controller.namespaces().stream()
            .anyMatch(namespace -> namespace.bdev().hasVolatileCache() && !namespace.bdev().readOnly());
        if (!needed) {
            done.ended(true);
            return;
        }
        var flush = new ShutdownFlush(controller, done);
        for (Namespace namespace : controller.namespaces()) {
            NamespaceChannel channel = flush.namespaces.channel(namespace.nsid);
            if (channel != null && channel.volatileCache && !channel.readOnly) {
                flush.left++;
                flush.new One(channel).submit();
            }
        }
        flush.ended();
    }

    private void ended() {
        if (--left == 0) {
            namespaces.leave();
            done.ended(clean);
        }
    }

    /** The flush of one namespace. */
    private final class One extends BdevIo {
        private final NamespaceChannel channel;

        One(NamespaceChannel channel) {
            super(1);
            this.channel = channel;
            type = IoType.FLUSH;
            blocks = channel.blocks;
        }

        void submit() {
            int status = channel.submitOwn(this);
            if (status == Status.NO_RESOURCE) {
                group.reactor.schedule(new Timer() {
                    @Override
                    public void expired() {
                        submit();
                    }
                }, RETRY_NANOS);
            } else if (status != Status.OK) {
                over(status);
            }
        }

        @Override
        protected void ended(int status) {
            channel.ownEnded();
            over(status);
        }

        private void over(int status) {
            boolean lost = status != Status.OK && status != Status.REMOVED;
            if (lost) {
                clean = false;
                LOG.log(Level.WARNING, "{0} could not be flushed when a host shut down: {1}", channel.namespace,
                    Status.text(status));
            }
            ShutdownFlush.this.ended();
        }
    }
}
