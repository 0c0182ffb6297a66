package dev.karst.env.unix;

/**
 * The file that a {@link Descriptor} stands for, as it was when asked.
 *
 * @param bytes its length; 0 for what is no regular file
 * @param isMemory whether it is a regular file that lies in memory alone: of memfd_create(2), of tmpfs or of hugetlbfs
 * @param keepsLength whether nobody can make it shorter any more: it has the seal F_SEAL_SHRINK
 * @param pageBytes what parts of it that are mapped must be multiples of; a power of two
 */
public record SharedFile(long bytes, boolean isMemory, boolean keepsLength, long pageBytes) {}
