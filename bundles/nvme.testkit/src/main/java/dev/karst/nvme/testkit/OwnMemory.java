package dev.karst.nvme.testkit;

import dev.karst.base.Mem;
import dev.karst.nvme.testkit.command.HostMemory;
import dev.karst.spec.nvme.Property;

/**
 * The registers of a controller's own memory: controller memory buffer and persistent memory region. NVMe Base 2.1, 3.1.4,
 * 8.2.1, 8.2.4.
 */
final class OwnMemory {
    static final int BUFFER_BAR = 2;
    static final int PERSISTENT_BAR = 4;

    private static final int CAPABILITIES_ENABLE = 1;
    private static final int SPACE_ENABLE = 2;
    private static final int NOT_READY = 1 << 8;
    /** For queues, lists and data, counted in 4096 bytes. */
    private static final int ALL_USES = 0x1f;
    private static final long PAGE_MASK = ~4095L;

    private final long registers;
    private final HostMemory memory;
    private final long buffer;
    private final int bufferBytes;
    private final long persistent;
    private final int persistentBytes;
    private long lastBuffer;
    private long lastPersistent;
    private int lastControl;

    OwnMemory(long registers, HostMemory memory, long buffer, int bufferBytes, long persistent, int persistentBytes) {
        this.registers = registers;
        this.memory = memory;
        this.buffer = buffer;
        this.bufferBytes = bufferBytes;
        this.persistent = persistent;
        this.persistentBytes = persistentBytes;
        if (persistent != 0) {
            Mem.setInt(registers + Property.PMRCAP, 3 << 3 | PERSISTENT_BAR << 5 | 1 << 24);
            Mem.setInt(registers + Property.PMRSTS, NOT_READY);
        }
    }

    void reset() {
        if (buffer != 0) {
            Mem.setLong(registers + Property.CMBMSC, 0);
        }
        if (persistent != 0) {
            Mem.setInt(registers + Property.PMRCTL, 0);
            Mem.setLong(registers + Property.PMRMSC, 0);
        }
        look();
    }

    void look() {
        if (buffer != 0 && Mem.getLong(registers + Property.CMBMSC) != lastBuffer) {
            lastBuffer = Mem.getLong(registers + Property.CMBMSC);
            boolean shown = (lastBuffer & CAPABILITIES_ENABLE) != 0;
            Mem.setInt(registers + Property.CMBLOC, shown ? BUFFER_BAR : 0);
            Mem.setInt(registers + Property.CMBSZ, shown ? ALL_USES | bufferBytes >> 12 << 12 : 0);
            window(BUFFER_BAR, shown && (lastBuffer & SPACE_ENABLE) != 0, lastBuffer, buffer, bufferBytes);
        }
        if (persistent != 0) {
            lookAtPersistent();
        }
    }

    private void lookAtPersistent() {
        int control = Mem.getInt(registers + Property.PMRCTL);
        long space = Mem.getLong(registers + Property.PMRMSC);
        if (control != lastControl || space != lastPersistent) {
            lastControl = control;
            lastPersistent = space;
            boolean enabled = (control & 1) != 0;
            Mem.setInt(registers + Property.PMRSTS, enabled ? 0 : NOT_READY);
            window(PERSISTENT_BAR, enabled && (space & SPACE_ENABLE) != 0, space, persistent, persistentBytes);
        }
    }

    private void window(int number, boolean open, long base, long address, long bytes) {
        if (open) {
            memory.open(number, base & PAGE_MASK, address, bytes);
        } else {
            memory.close(number);
        }
    }
}
