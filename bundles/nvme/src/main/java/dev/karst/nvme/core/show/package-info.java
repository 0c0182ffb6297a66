/** What operators see of the driver: RPC methods, and through them the shell's {@code nvme:} commands. */
package dev.karst.nvme.core.show;
