/** Third-party copies between logical units of one nexus. SPC-5, 5.16, 6.4 and 6.19 to 6.21. */
package dev.karst.scsi.core.copy;
