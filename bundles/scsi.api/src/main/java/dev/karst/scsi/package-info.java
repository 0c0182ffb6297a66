/**
 * The seam between SCSI devices, which know logical units and commands, and their transports, which know how commands and data come. All of
 * a nexus belongs to one reactor. SAM-6, 4.
 */
@Export
@Version("0.1.0")
package dev.karst.scsi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
