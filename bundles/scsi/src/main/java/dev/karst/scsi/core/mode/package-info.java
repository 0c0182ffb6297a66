/** Mode pages: what initiators are told of a logical unit's ways, and what they may set. SPC-5, 7.5; SBC-4, 6.5. */
package dev.karst.scsi.core.mode;
