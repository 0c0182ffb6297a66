/** The layouts of NVMe reservations. NVMe Base 2.0, 7.2 to 7.5 and 8.19; offsets in bytes, little endian. */
package dev.karst.spec.nvme.reservation;
