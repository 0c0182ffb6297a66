/** NVMe namespaces as block devices: the module, and SPDK's methods {@code bdev_nvme_…}. */
package dev.karst.bdev.nvme;
