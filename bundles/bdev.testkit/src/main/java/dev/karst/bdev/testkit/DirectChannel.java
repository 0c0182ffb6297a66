package dev.karst.bdev.testkit;

import dev.karst.base.Status;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.reactor.Reactor;

/** A module's channel without a block layer between: what is submitted goes to it as it is. One thread. */
public final class DirectChannel extends BdevChannel {
    private final ModuleChannel module;
    private int inFlight;

    public DirectChannel(ModuleChannel module) {
        this.module = module;
    }

    @Override
    public int submit(BdevIo io) {
        begin(io, 0);
        inFlight++;
        int status = module.submit(io);
        if (status != Status.OK) {
            end(io);
            inFlight--;
        }
        return status;
    }

    /** Submits what ends inside its submission; how it ended, or the refusal. */
    public int run(Probe probe) {
        int status = submit(probe);
        if (status == Status.OK && probe.ends() != 1) {
            throw new AssertionError(probe.type + " ended " + probe.ends() + " times");
        }
        return status == Status.OK ? probe.status() : status;
    }

    @Override
    protected void completed(BdevIo io, int status) {
        end(io);
        inFlight--;
        io.run();
    }

    @Override
    public int inFlight() {
        return inFlight;
    }

    @Override
    public void close() {
        module.close();
    }

    @Override
    public Reactor reactor() {
        throw new UnsupportedOperationException("there is no reactor");
    }

    @Override
    public Bdev bdev() {
        throw new UnsupportedOperationException("there is no block layer");
    }

    @Override
    public void whenAvailable(Waiter waiter) {
        throw new UnsupportedOperationException("nobody tells that there is room");
    }
}
