/** SCSI devices: how they and their logical units come and go. What they do is in the packages below. */
package dev.karst.scsi.core;
