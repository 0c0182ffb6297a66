/** The figures of log pages. NVMe Base 2.1, 5.1.12. */
package dev.karst.spec.nvme.log;
