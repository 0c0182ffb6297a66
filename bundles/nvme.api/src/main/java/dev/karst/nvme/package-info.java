/**
 * The NVMe driver as its users see it: controllers are found and attached by {@link dev.karst.nvme.NvmeDriver}; each reactor opens a {@link
 * dev.karst.nvme.NvmeQueuePair} of its own and submits {@link dev.karst.nvme.NvmeRequest}s. NVMe Base 2.1; NVM Command Set 1.1.
 */
@Export
@Version("0.1.0")
package dev.karst.nvme;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
