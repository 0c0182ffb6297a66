package dev.karst.env.linux.pci;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.DmaMap;
import dev.karst.env.MemoryBlocks;
import dev.karst.env.linux.kernel.Failure;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/**
 * Where devices without an IOMMU find memory: at its physical address, which stays for huge pages alone. The memory calls one at a time.
 * Documentation/admin-guide/mm/pagemap.rst
 */
final class PhysicalMemory implements MemoryBlocks {
    private static final int PAGE = 4096;
    private static final long PRESENT = 1L << 63;
    private static final long FRAME = (1L << 55) - 1;

    private final DmaTable table = new DmaTable();
    private final Path pagemap;

    PhysicalMemory(KernelTree tree) {
        pagemap = tree.at("proc/self/pagemap");
    }

    DmaMap dma() {
        return table;
    }

    @Override
    public void added(Block block) throws StorageException {
        String what = "show " + (block.bytes() >> 20) + " MiB of memory to devices without an IOMMU";
        if (!block.huge()) {
            throw Failure.refused(Errno.ENOMEM, what,
                "it does not lie in huge pages; give the system more of them (sysctl vm.nr_hugepages), then start Karst again");
        }
        try (var file = new RandomAccessFile(pagemap.toFile(), "r")) {
            for (long done = 0; done < block.bytes(); done += DmaTable.UNIT) {
                file.seek((block.address() + done) / PAGE * Long.BYTES);
                long entry = Long.reverseBytes(file.readLong());
                if ((entry & PRESENT) == 0 || (entry & FRAME) == 0) {
                    throw Failure.refused(Errno.EPERM, what,
                        "the kernel does not tell where it lies; run Karst as root (CAP_SYS_ADMIN), or use an IOMMU and vfio-pci");
                }
                table.put(block.address() + done, DmaTable.UNIT, (entry & FRAME) * PAGE);
            }
        } catch (IOException e) {
            throw Failure.refused(Errno.EACCES, what, "read " + pagemap + ": " + e.getMessage());
        }
    }
}
