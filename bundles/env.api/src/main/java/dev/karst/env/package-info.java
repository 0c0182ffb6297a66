/**
 * The environment: all that the stack asks of the machine, as one service that has a Linux and a simulated implementation.
 * No other production code reads a clock, opens a file or a socket, maps memory or makes a thread.
 *
 * <p>Two kinds of methods. What opens and closes runs on control threads, may block and throws {@link
 * dev.karst.base.StorageException}. What moves data is reactor-confined, never blocks, and returns a count or a negative
 * error number.
 */
@Export
@Version("0.1.0")
package dev.karst.env;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
