package dev.karst.nvme.testkit.io;

import dev.karst.nvme.testkit.command.SimCommand;
import dev.karst.nvme.testkit.media.Settings;
import dev.karst.spec.nvme.NvmCommand;

/**
 * The blocks of one command, data and metadata apart.
 *
 * @param slba first
 * @param count how many
 * @param data their data
 * @param metadata their metadata
 */
record Blocks(long slba, int count, byte[] data, byte[] metadata) {
    /** Blocks of zeros. */
    static Blocks empty(long slba, int count, Settings settings) {
        return new Blocks(
            slba, count, new byte[count * settings.format().dataBytes()], new byte[count * settings.format().metadataBytes()]);
    }

    /** Whether the host sees no metadata: all of it is protection information, which the controller makes and takes away. */
    static boolean isStripped(SimCommand command, Settings settings) {
        return settings.protection() != 0 && settings.format().metadataBytes() == Protection.BYTES
            && (NvmCommand.PRINFO.get(command.sqe) & NvmCommand.PRACT) != 0;
    }

    /** Bytes of the command's data buffer. */
    static long bufferBytes(SimCommand command, Settings settings, int count) {
        boolean extended = settings.extended() && !isStripped(command, settings);
        return (long) count * (settings.format().dataBytes() + (extended ? settings.format().metadataBytes() : 0));
    }

    /** Data and metadata of each block one behind the other. */
    byte[] extended(Settings settings) {
        int dataBytes = settings.format().dataBytes();
        int metadataBytes = settings.format().metadataBytes();
        byte[] all = new byte[data.length + metadata.length];
        for (int i = 0; i < count; i++) {
            System.arraycopy(data, i * dataBytes, all, i * (dataBytes + metadataBytes), dataBytes);
            System.arraycopy(metadata, i * metadataBytes, all, i * (dataBytes + metadataBytes) + dataBytes, metadataBytes);
        }
        return all;
    }

    /** Takes apart what {@link #extended} put together. */
    void takeExtended(byte[] all, Settings settings) {
        int dataBytes = settings.format().dataBytes();
        int metadataBytes = settings.format().metadataBytes();
        for (int i = 0; i < count; i++) {
            System.arraycopy(all, i * (dataBytes + metadataBytes), data, i * dataBytes, dataBytes);
            System.arraycopy(all, i * (dataBytes + metadataBytes) + dataBytes, metadata, i * metadataBytes, metadataBytes);
        }
    }
}
