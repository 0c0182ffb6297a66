/**
 * The figures of NVM Express that do not depend on a transport: queue entries, opcodes, statuses, properties, Identify data,
 * log pages and features. NVM Express Base Specification 2.1 and NVM Command Set Specification 1.1. Declarations and pure
 * functions only.
 */
package dev.karst.spec.nvme;
