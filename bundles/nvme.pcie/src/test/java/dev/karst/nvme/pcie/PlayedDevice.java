package dev.karst.nvme.pcie;

import dev.karst.env.DmaMap;
import dev.karst.env.EventSet;
import dev.karst.env.PciDevice;
import dev.karst.env.Readiness;

/** A device that can only be closed. */
final class PlayedDevice extends PciDevice {
    String address;
    boolean closed;

    @Override
    public String address() {
        return address;
    }

    @Override
    public long readConfig(int offset, int bytes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void writeConfig(int offset, int bytes, long value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long barBytes(int bar) {
        return 0;
    }

    @Override
    public long map(int bar, long offset, long bytes) {
        return 0;
    }

    @Override
    public long read(int bar, long offset, int bytes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void write(int bar, long offset, int bytes, long value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public DmaMap dma() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int vectors() {
        return 0;
    }

    @Override
    public void enableInterrupts(int count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void watch(int vector, EventSet events, Readiness readiness) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void unwatch(int vector) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isGone() {
        return false;
    }

    @Override
    public void reset() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        closed = true;
    }
}
