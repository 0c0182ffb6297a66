/** T10 protection information in memory: its checksum, and how it is made and checked. Knows nothing of I/O. */
package dev.karst.bdev.core.protection;
