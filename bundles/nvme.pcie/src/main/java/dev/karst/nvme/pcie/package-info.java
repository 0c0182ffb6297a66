/** NVMe controllers on the machine's bus. */
package dev.karst.nvme.pcie;
