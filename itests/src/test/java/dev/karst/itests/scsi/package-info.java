/** The SCSI target and the one of Linux's {@code tgt}, asked the same and held against each other. */
package dev.karst.itests.scsi;
