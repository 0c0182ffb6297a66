package dev.karst.vhost.session;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.unix.Descriptor;
import dev.karst.env.unix.SharedFile;
import dev.karst.env.unix.UnixSockets;
import dev.karst.spec.vhostuser.MemoryRegion;
import dev.karst.vhost.ring.GuestRegion;

/**
 * Memory of another process, mapped.
 *
 * @param region what of it is used
 * @param address where the mapping begins, which may be before the region
 * @param bytes of the mapping
 */
record SharedRegion(GuestRegion region, long address, long bytes) {
    private static final String WHAT = "use shared memory";

    /** What a region is to be, before it is mapped. */
    record Wanted(long guest, long bytes, long user, long offset) {
        static Wanted at(long region) {
            return new Wanted(MemoryRegion.GUEST_ADDRESS.get(region), MemoryRegion.SIZE.get(region),
                MemoryRegion.USER_ADDRESS.get(region), MemoryRegion.MMAP_OFFSET.get(region));
        }

        boolean overlaps(Wanted other) {
            return guest < other.guest + other.bytes && other.guest < guest + bytes
                || user < other.user + other.bytes && other.user < user + bytes;
        }

        /** Whether no figure is negative or wraps around. */
        private boolean isSane() {
            return bytes > 0 && guest >= 0 && user >= 0 && offset >= 0 && guest + bytes > 0 && user + bytes > 0 && offset + bytes > 0;
        }
    }

    /**
     * Maps a part of a file.
     *
     * @param anyFile whether a file may be used that its owner can make shorter
     * @throws StorageException EINVAL, EPERM when the file is not to be trusted, ENOMEM
     */
    static SharedRegion map(Wanted wanted, Descriptor descriptor, boolean anyFile) throws StorageException {
        SharedFile file = descriptor.file();
        if (!wanted.isSane()) {
            throw refused(Errno.EINVAL, wanted + " is no part of a memory");
        }
        if (!file.isMemory() || !file.keepsLength() && !anyFile) {
            throw refused(Errno.EPERM, file.isMemory()
                ? "its owner can make it shorter; seal it with F_SEAL_SHRINK, as QEMU's memory-backend-memfd does, or allow unsealed memory"
                : "it is no file in memory");
        }
        long begin = wanted.offset & -file.pageBytes();
        long end = wanted.offset + wanted.bytes;
        if (end > file.bytes()) {
            throw refused(Errno.EINVAL, "the file has " + file.bytes() + " bytes, which do not reach to " + end);
        }
        long bytes = (end + file.pageBytes() - 1 & -file.pageBytes()) - begin;
        long address = descriptor.map(begin, bytes);
        return new SharedRegion(
            new GuestRegion(wanted.guest, wanted.bytes, wanted.user, address + wanted.offset - begin), address, bytes);
    }

    private static StorageException refused(int errno, String why) {
        return StorageException.errno(errno, "cannot " + WHAT + ": " + why);
    }

    void unmap(UnixSockets sockets) {
        sockets.unmap(address, bytes);
    }
}
