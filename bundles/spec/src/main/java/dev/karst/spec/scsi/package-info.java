/**
 * Figures of SCSI: CDBs, sense data, parameter data of the primary and block commands. All numbers are big endian. SPC-5, SBC-4.
 */
package dev.karst.spec.scsi;
