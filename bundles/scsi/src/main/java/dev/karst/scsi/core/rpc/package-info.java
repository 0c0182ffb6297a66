/** The management of SCSI devices. */
package dev.karst.scsi.core.rpc;
