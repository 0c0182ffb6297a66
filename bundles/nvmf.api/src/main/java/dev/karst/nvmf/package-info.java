/**
 * The seam of the NVMe-oF target between its core, which knows controllers, namespaces and commands, and its
 * transports, which know connections and move capsules and data.
 *
 * <p>A transport accepts a connection, asks its {@link dev.karst.nvmf.NvmfHost} for an {@link
 * dev.karst.nvmf.NvmfQueue}, and hands it an {@link dev.karst.nvmf.NvmfRequest} for each command once the data that the
 * host sends with it is there. All of a connection belongs to one reactor.
 */
@Export
@Version("0.1.0")
package dev.karst.nvmf;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
