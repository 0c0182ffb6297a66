package dev.karst.env;

/**
 * A piece of memory from {@link Memory}.
 *
 * @param name its name, or for a nameless region its owner
 * @param address of the first byte
 * @param bytes its length
 * @param huge whether it lies in huge pages
 */
public record Region(String name, long address, long bytes, boolean huge) {
    /** Address of the first byte behind it. */
    public long end() {
        return address + bytes;
    }
}
