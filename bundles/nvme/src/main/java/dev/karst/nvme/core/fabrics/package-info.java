/** Controllers behind connections: Connect, properties as commands, discovery. NVMe Base 2.1, 6 and 3.1.3.3. */
package dev.karst.nvme.core.fabrics;
