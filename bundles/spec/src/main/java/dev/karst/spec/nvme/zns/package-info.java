/** The zoned namespace command set: Zoned Namespace Command Set 1.1. */
package dev.karst.spec.nvme.zns;
