package dev.karst.scsi.core.model;

/**
 * What initiators set of a logical unit by mode pages; immutable, replaced as a whole.
 *
 * @param writeCache WCE: writes may be lost until they are synchronized
 * @param descriptorSense D_SENSE: sense data is in descriptor format
 * @param writeProtected SWP: nothing is written
 * @param tellsAborted TAS: commands that another nexus aborted end with TASK ABORTED
 */
public record ModeState(boolean writeCache, boolean descriptorSense, boolean writeProtected, boolean tellsAborted) {}
