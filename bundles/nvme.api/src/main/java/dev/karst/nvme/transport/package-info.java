/**
 * What a transport of the NVMe driver implements: {@link dev.karst.nvme.transport.PciTransport} for controllers with registers and
 * memory, {@link dev.karst.nvme.transport.FabricsTransport} for those behind a connection.
 */
@Export
@Version("0.1.0")
package dev.karst.nvme.transport;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
