/**
 * What every layer stands on: status codes, raw memory, gates, pools, intrusive queues, the clock and the
 * declarations of binary layouts. Free of OSGi, of threads of its own and of state, except the table of memory regions.
 */
@Export
@Version("0.1.0")
package dev.karst.base;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
