package dev.karst.env.linux.pci;

import dev.karst.env.DmaMap;
import java.util.Arrays;

/**
 * Where devices find memory, in units of 2 MiB: a table of tables by address. Whoever adds memory does so before others learn of its
 * addresses, so that no look-up needs an order of its own.
 */
final class DmaTable extends DmaMap {
    private static final int UNIT_BITS = 21;
    /** The unit of memory and of huge pages. */
    static final long UNIT = 1L << UNIT_BITS;

    private static final int TABLE_BITS = 13;
    private static final int TABLE = 1 << TABLE_BITS;
    /** Bits of a user's address, on x86-64 and aarch64 at most. */
    private static final int ADDRESS_BITS = 48;

    private final long[][] tables = new long[1 << ADDRESS_BITS - UNIT_BITS - TABLE_BITS][];

    /** The device finds the units from {@code address} on one behind the other from {@code iova} on. */
    void put(long address, long bytes, long iova) {
        for (long done = 0; done < bytes; done += UNIT) {
            long unit = address + done >>> UNIT_BITS;
            int at = (int) (unit >>> TABLE_BITS);
            if (tables[at] == null) {
                tables[at] = new long[TABLE];
                Arrays.fill(tables[at], NONE);
            }
            tables[at][(int) unit & TABLE - 1] = iova + done;
        }
    }

    @Override
    public long iova(long address) {
        long unit = address >>> UNIT_BITS;
        long at = unit >>> TABLE_BITS;
        long[] table = at < tables.length ? tables[(int) at] : null;
        long base = table == null ? NONE : table[(int) unit & TABLE - 1];
        return base == NONE ? NONE : base + (address & UNIT - 1);
    }

    @Override
    public long contiguous(long address, long most) {
        long iova = iova(address);
        if (iova == NONE) {
            return 0;
        }
        long bytes = UNIT - (address & UNIT - 1);
        while (bytes < most && iova(address + bytes) == iova + bytes) {
            bytes += UNIT;
        }
        return Math.min(bytes, most);
    }
}
