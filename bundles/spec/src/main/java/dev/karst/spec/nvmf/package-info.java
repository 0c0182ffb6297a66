/**
 * The figures of NVMe over Fabrics that hold for every transport: the Fabrics commands, Connect data and the discovery log.
 * NVM Express Base Specification 2.1. Declarations and pure functions only.
 */
package dev.karst.spec.nvmf;
