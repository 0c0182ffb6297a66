package dev.karst.env.linux;

import dev.karst.env.Threads;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Threads of the platform for reactors, virtual ones for the control plane. Each begins on all processors of the
 * process, whoever started it: the kernel lets a new thread inherit what its starter is bound to, and that may be a
 * reactor.
 */
final class LinuxThreads implements Threads {
    private final LinuxProcessors processors;
    private final ExecutorService virtual =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("karst-background-", 0).factory());

    LinuxThreads(LinuxProcessors processors) {
        this.processors = processors;
    }

    @Override
    public void start(String name, Runnable body) {
        Thread.ofPlatform().daemon().name(name).start(unbound(body));
    }

    @Override
    public Executor background() {
        return task -> virtual.execute(unbound(task));
    }

    private Runnable unbound(Runnable body) {
        return () -> {
            processors.unpin();
            body.run();
        };
    }

    /** Takes no more background work; what runs goes on. */
    void close() {
        virtual.shutdown();
    }
}
