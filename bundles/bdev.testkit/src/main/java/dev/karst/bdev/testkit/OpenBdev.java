package dev.karst.bdev.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.IoType;
import dev.karst.env.Region;
import dev.karst.reactor.Reactor;

/** An open device with one channel, and what its owner was told. Called by the test's thread. */
public final class OpenBdev implements BdevEvents {
    private final BdevStage stage;
    private final Reactor reactor;
    private final BdevDescriptor descriptor;
    private final BdevChannel channel;
    private volatile boolean removed;
    private volatile long resizedTo = -1;
    private boolean closed;

    OpenBdev(BdevStage stage, String name, Reactor reactor) throws StorageException {
        this.stage = stage;
        this.reactor = reactor;
        boolean write = stage.layer().find(name).map(bdev -> !bdev.readOnly()).orElse(true);
        this.descriptor = stage.layer().open(name, write, reactor, this);
        this.channel = openChannel();
    }

    /** Closes again what was opened when there is no channel to be had. */
    private BdevChannel openChannel() throws StorageException {
        Object[] got = new Object[1];
        stage.on(reactor, () -> {
            try {
                got[0] = descriptor.openChannel(reactor);
            } catch (StorageException e) {
                got[0] = e;
            }
        });
        if (got[0] instanceof StorageException e) {
            descriptor.close();
            throw e;
        }
        return (BdevChannel) got[0];
    }

    public BdevDescriptor descriptor() {
        return descriptor;
    }

    public BdevChannel channel() {
        return channel;
    }

    public Bdev bdev() {
        return descriptor.bdev();
    }

    public Reactor reactor() {
        return reactor;
    }

    /** Submits on the reactor; the status of the submission. */
    public int submit(Probe probe) throws StorageException {
        return stage.reactors().call(reactor, on -> channel.submit(probe));
    }

    /** Submits and returns when it has ended; how it ended, or the refusal. */
    public int run(Probe probe) throws StorageException {
        int status = submit(probe);
        if (status != Status.OK) {
            return status;
        }
        stage.until(probe::hasEnded);
        assertEquals(1, probe.ends(), "ended more than once");
        return probe.status();
    }

    /** Reads or writes {@code blocks} blocks at the start of the region; how it ended. */
    public int move(IoType type, long offsetBlocks, int blocks, Region memory) throws StorageException {
        return run(new Probe().wants(type, offsetBlocks, blocks).at(memory.address(), blocks * bdev().blockSize()));
    }

    /** Whether the owner was told that the device goes. */
    public boolean isRemoved() {
        return removed;
    }

    /** The last size that the owner was told; -1 for none. */
    public long resizedTo() {
        return resizedTo;
    }

    /** Closes channel and descriptor; nothing may be in flight. */
    public void close() throws StorageException {
        if (!closed) {
            closed = true;
            stage.on(reactor, channel::close);
            descriptor.close();
        }
    }

    @Override
    public void removed() {
        removed = true;
    }

    @Override
    public void resized(long blocks) {
        resizedTo = blocks;
    }
}
