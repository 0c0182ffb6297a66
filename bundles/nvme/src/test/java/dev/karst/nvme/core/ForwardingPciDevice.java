package dev.karst.nvme.core;

import dev.karst.base.StorageException;
import dev.karst.env.DmaMap;
import dev.karst.env.EventSet;
import dev.karst.env.PciDevice;
import dev.karst.env.Readiness;

/** Does what another device does, but for what is overridden. */
class ForwardingPciDevice extends PciDevice {
    private final PciDevice device;

    ForwardingPciDevice(PciDevice device) {
        this.device = device;
    }

    @Override
    public String address() {
        return device.address();
    }

    @Override
    public long readConfig(int offset, int bytes) {
        return device.readConfig(offset, bytes);
    }

    @Override
    public void writeConfig(int offset, int bytes, long value) {
        device.writeConfig(offset, bytes, value);
    }

    @Override
    public long barBytes(int bar) {
        return device.barBytes(bar);
    }

    @Override
    public long map(int bar, long offset, long bytes) throws StorageException {
        return device.map(bar, offset, bytes);
    }

    @Override
    public long read(int bar, long offset, int bytes) {
        return device.read(bar, offset, bytes);
    }

    @Override
    public void write(int bar, long offset, int bytes, long value) {
        device.write(bar, offset, bytes, value);
    }

    @Override
    public DmaMap dma() {
        return device.dma();
    }

    @Override
    public int vectors() {
        return device.vectors();
    }

    @Override
    public void enableInterrupts(int count) throws StorageException {
        device.enableInterrupts(count);
    }

    @Override
    public void watch(int vector, EventSet events, Readiness readiness) {
        device.watch(vector, events, readiness);
    }

    @Override
    public void unwatch(int vector) {
        device.unwatch(vector);
    }

    @Override
    public boolean isGone() {
        return device.isGone();
    }

    @Override
    public void reset() throws StorageException {
        device.reset();
    }

    @Override
    public void close() {
        device.close();
    }
}
