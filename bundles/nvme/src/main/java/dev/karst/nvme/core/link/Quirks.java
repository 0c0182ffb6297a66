package dev.karst.nvme.core.link;

import java.util.Map;

/**
 * What some controllers do not do as they say, by the vendor and device of their PCI function. Facts from the drivers of Linux and SPDK and from
 * the bug reports behind them.
 *
 * @param settleMs how long CSTS.RDY means nothing after CC.EN was changed
 * @param slowZeroes whether Write Zeroes is known, but is so slow or wrong that it is done without
 * @param falseIds whether namespaces have identifiers that others have as well
 * @param stripes whether commands should not cross multiples of the largest transfer
 */
public record Quirks(int settleMs, boolean slowZeroes, boolean falseIds, boolean stripes) {
    /** Those of controllers that do as they say. */
    public static final Quirks NONE = new Quirks(0, false, false, false);

    private static final Quirks SETTLES = new Quirks(2300, false, false, false);
    private static final Quirks SLOW_ZEROES = new Quirks(0, true, false, false);
    private static final Quirks FALSE_IDS = new Quirks(0, false, true, false);
    private static final Quirks STRIPES = new Quirks(0, false, false, true);
    private static final int VENDOR_SHIFT = 16;

    /** By vendor and device. */
    private static final Map<Integer, Quirks> KNOWN = Map.ofEntries(
        Map.entry(0x1bb1_0100, SETTLES), // Seagate Nytro
        Map.entry(0x1c58_0003, SETTLES), // HGST
        Map.entry(0x1c58_0023, SETTLES), // WDC SN200
        Map.entry(0x1c5f_0540, SETTLES), // Memblaze Pblaze4
        Map.entry(0x144d_a821, SETTLES), // Samsung PM1725
        Map.entry(0x144d_a822, SETTLES), // Samsung PM1725a
        Map.entry(0x1c5c_1504, SLOW_ZEROES), // SK Hynix PC400
        Map.entry(0x1c5c_1d59, SLOW_ZEROES), // SK Hynix BC901
        Map.entry(0x15b7_2001, SLOW_ZEROES), // SanDisk Skyhawk
        Map.entry(0x8086_f1a5, SLOW_ZEROES), // Intel 600p
        Map.entry(0x2646_5016, SLOW_ZEROES), // Kingston OM3PGP4
        Map.entry(0x2646_5018, SLOW_ZEROES), // Kingston OM8SFP4
        Map.entry(0x1c5c_174a, FALSE_IDS), // SK Hynix P31
        Map.entry(0x144d_a802, FALSE_IDS), // Samsung SM953
        Map.entry(0x1e4b_1001, FALSE_IDS), // MAXIO MAP1001
        Map.entry(0x1e4b_1002, FALSE_IDS), // MAXIO MAP1002
        Map.entry(0x1f40_1202, FALSE_IDS), // Netac NV3000
        Map.entry(0x8086_5845, new Quirks(0, true, true, false)), // QEMU before 5.2
        Map.entry(0x8086_0953, STRIPES), // Intel P3500, P3600, P3700
        Map.entry(0x8086_0a53, STRIPES), // Intel P3520
        Map.entry(0x8086_0a54, STRIPES), // Intel P4500, P4600
        Map.entry(0x8086_0a55, STRIPES)); // Intel P4600

    /** Those of a PCI function. */
    public static Quirks of(int vendor, int device) {
        return KNOWN.getOrDefault(vendor << VENDOR_SHIFT | device, NONE);
    }
}
