package dev.karst.nvme.testkit.command;

import dev.karst.base.Mem;
import dev.karst.env.sim.SimDma;
import java.util.HashMap;
import java.util.Map;

/** All memory that a command may name: the host's, and the controller's own where the host put that into the address space. */
public final class HostMemory {
    /** Memory of the controller's own, as commands see it. */
    private record Window(long base, long address, long bytes) {
        boolean holds(long iova, long length) {
            return iova - base >= 0 && iova - base <= bytes - length;
        }
    }

    private final SimDma host;
    private final Map<Integer, Window> windows = new HashMap<>();

    public HostMemory(SimDma host) {
        this.host = host;
    }

    /** The controller's memory at {@code address}, one of several by {@code number}, is seen from {@code base} on. */
    public void open(int number, long base, long address, long bytes) {
        windows.put(number, new Window(base, address, bytes));
    }

    /** That memory is not seen any more. */
    public void close(int number) {
        windows.remove(number);
    }

    /** Reads; false when the bytes are out of reach. */
    public boolean read(long iova, byte[] target, int from, int bytes) {
        Window window = window(iova, bytes);
        if (window == null) {
            return host.read(iova, target, from, bytes);
        }
        Mem.get(window.address + iova - window.base, target, from, bytes);
        return true;
    }

    /** Writes; false when the bytes are out of reach. */
    public boolean write(long iova, byte[] source, int from, int bytes) {
        Window window = window(iova, bytes);
        if (window == null) {
            return host.write(iova, source, from, bytes);
        }
        Mem.put(window.address + iova - window.base, source, from, bytes);
        return true;
    }

    private Window window(long iova, long bytes) {
        for (Window window : windows.values()) {
            if (window.holds(iova, bytes)) {
                return window;
            }
        }
        return null;
    }
}
