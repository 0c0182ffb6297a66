package dev.karst.nvme.core.ring;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.env.DmaMap;

/**
 * Shows a device where the data of a command lies: as PRPs or as an SGL, the list of either in the command's own place. NVMe Base 2.1,
 * 4.3.1 and 4.3.2.
 *
 * <pre>
 * entry + 24   PRP1          or  address of the data, or of the descriptors
 *       + 32   PRP2 or list  or  length (32) . 0 (24) . type (8)
 * </pre>
 */
@ReactorConfined
final class DataPointers {
    /** Bytes of a command's place for a list: 256 PRPs or 128 descriptors. A multiple of no page may lie within. */
    static final int LIST_BYTES = 2048;
    /** Most data of a command: PRP1, which may begin within a page, and 255 whole pages behind it. */
    static final long MOST_BYTES = 255L * 4096;
    /** What {@link #write} says of data that cannot be shown. */
    static final int IMPOSSIBLE = -1;
    /** What it says of PRPs: PSDT 00b. */
    static final int PRP = 0;
    /** What it says of an SGL: PSDT 01b, in its place in dword 0. */
    static final int SGL = 1 << 14;

    private static final int PAGE = 4096;
    private static final int PAGE_MASK = PAGE - 1;
    private static final int DWORD_MASK = 3;
    private static final int POINTER = 24;
    private static final int DESCRIPTOR_BYTES = 16;
    private static final int MOST_DESCRIPTORS = LIST_BYTES / DESCRIPTOR_BYTES;
    private static final int MOST_PRPS = LIST_BYTES / Long.BYTES;
    /** Type and sub-type of a data block by address. */
    private static final long DATA_BLOCK = 0;
    /** Type and sub-type of the last segment by address, in a descriptor's last word. */
    private static final long LAST_SEGMENT = 0x30L << 56;

    private final DmaMap dma;
    private final boolean sgl;

    /** @param sgl whether the controller takes SGLs */
    DataPointers(DmaMap dma, boolean sgl) {
        this.dma = dma;
        this.sgl = sgl;
    }

    /**
     * Fills in the data pointer of an entry.
     *
     * @param list address of the command's place for a list
     * @return {@link #PRP}, {@link #SGL} or {@link #IMPOSSIBLE}
     */
    int write(IoVector data, long entry, long list) {
        int pairs = data.count();
        if (pairs == 0) {
            Mem.setLong(entry + POINTER, 0);
            Mem.setLong(entry + POINTER + Long.BYTES, 0);
            return PRP;
        }
        if (pairs == 1 && (data.address(0) & PAGE_MASK) + data.length(0) <= PAGE) {
            return onePage(data.address(0), entry);
        }
        if (sgl && (pairs > 1 || data.bytes() > 2 * PAGE)) {
            int descriptors = writeSgl(data, entry, list);
            return descriptors > 0 ? SGL : writePrps(data, entry, list);
        }
        return writePrps(data, entry, list);
    }

    private int onePage(long address, long entry) {
        long iova = dma.iova(address);
        Mem.setLong(entry + POINTER, iova);
        Mem.setLong(entry + POINTER + Long.BYTES, 0);
        return iova == DmaMap.NONE || (address & DWORD_MASK) != 0 ? IMPOSSIBLE : PRP;
    }

    /** How many descriptors it took; 0 when they are too many, or the device cannot reach the memory. */
    private int writeSgl(IoVector data, long entry, long list) {
        int descriptors = 0;
        for (int i = 0; i < data.count(); i++) {
            long address = data.address(i);
            long left = data.length(i);
            while (left > 0) {
                long piece = dma.contiguous(address, left);
                if (piece == 0 || descriptors == MOST_DESCRIPTORS) {
                    return 0;
                }
                long at = list + (long) descriptors++ * DESCRIPTOR_BYTES;
                Mem.setLong(at, dma.iova(address));
                Mem.setLong(at + Long.BYTES, piece | DATA_BLOCK);
                address += piece;
                left -= piece;
            }
        }
        if (descriptors == 1) {
            Mem.setLong(entry + POINTER, Mem.getLong(list));
            Mem.setLong(entry + POINTER + Long.BYTES, Mem.getLong(list + Long.BYTES));
        } else {
            Mem.setLong(entry + POINTER, dma.iova(list));
            Mem.setLong(entry + POINTER + Long.BYTES, (long) descriptors * DESCRIPTOR_BYTES | LAST_SEGMENT);
        }
        return descriptors;
    }

    private int writePrps(IoVector data, long entry, long list) {
        if (prpBytes(data) < data.bytes()) {
            return IMPOSSIBLE;
        }
        int prps = 0;
        long last = 0;
        for (int i = 0; i < data.count(); i++) {
            long address = data.address(i);
            long end = address + data.length(i);
            while (address < end) {
                long iova = dma.iova(address);
                if (iova == DmaMap.NONE || prps > MOST_PRPS) {
                    return IMPOSSIBLE;
                }
                if (prps == 0) {
                    Mem.setLong(entry + POINTER, iova);
                } else {
                    Mem.setLong(list + (prps - 1L) * Long.BYTES, iova);
                }
                last = iova;
                prps++;
                address = (address & -PAGE) + PAGE;
            }
        }
        Mem.setLong(entry + POINTER + Long.BYTES, prps <= 2 ? last : dma.iova(list));
        return PRP;
    }

    /** How many bytes, from the start, one command can carry. */
    long fits(IoVector data) {
        return sgl && dwordAligned(data) ? Math.min(data.bytes(), MOST_BYTES) : prpBytes(data);
    }

    private static boolean dwordAligned(IoVector data) {
        for (int i = 0; i < data.count(); i++) {
            if (((data.address(i) | data.length(i)) & DWORD_MASK) != 0) {
                return false;
            }
        }
        return true;
    }

    /** How far PRPs reach: each pair but the first begins a page, each but the last ends one. */
    private static long prpBytes(IoVector data) {
        if ((data.address(0) & DWORD_MASK) != 0) {
            return 0;
        }
        long bytes = 0;
        for (int i = 0; i < data.count(); i++) {
            if (i > 0 && (data.address(i) & PAGE_MASK) != 0) {
                return bytes;
            }
            bytes += data.length(i);
            if ((data.address(i) + data.length(i) & PAGE_MASK) != 0) {
                return Math.min(bytes, MOST_BYTES);
            }
        }
        return Math.min(bytes, MOST_BYTES);
    }

    /** Where the device finds metadata in one piece; {@link DmaMap#NONE} when it cannot. */
    long metadata(long address, int bytes) {
        return dma.contiguous(address, bytes) == bytes ? dma.iova(address) : DmaMap.NONE;
    }
}
