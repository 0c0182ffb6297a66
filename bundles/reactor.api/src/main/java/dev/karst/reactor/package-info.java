/**
 * Reactors: one thread per core that runs all I/O of what belongs to it, without locks. What belongs to one reactor is
 * touched by it alone; everybody else sends it a message.
 */
@Export
@Version("0.1.0")
package dev.karst.reactor;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
