package dev.karst.scsi.core.model;

/**
 * What became of an EXTENDED COPY.
 *
 * @param list LIST IDENTIFIER
 * @param failed whether it ended before all was copied
 * @param segments that were processed
 * @param bytes that were written
 */
public record CopyStatus(int list, boolean failed, int segments, long bytes) {}
