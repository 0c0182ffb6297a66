/** Commands that every device has, and those that say what the device is. SPC-5. */
package dev.karst.scsi.core.primary;
