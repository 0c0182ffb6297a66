/**
 * The PDUs of iSCSI: RFC 7143, 11. Figures are big endian. Each PDU begins with a basic header segment of 48 bytes, whose first 20 are
 * those of {@link dev.karst.spec.iscsi.Bhs}.
 */
package dev.karst.spec.iscsi;
