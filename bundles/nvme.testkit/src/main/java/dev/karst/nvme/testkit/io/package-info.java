/** The I/O commands of a simulated controller. NVM Command Set 1.1, 3; Zoned Namespace Command Set 1.1, 3. */
package dev.karst.nvme.testkit.io;
