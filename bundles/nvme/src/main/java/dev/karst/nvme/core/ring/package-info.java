/** Queues in memory and doorbells: NVMe over PCIe Transport 1.1. */
package dev.karst.nvme.core.ring;
