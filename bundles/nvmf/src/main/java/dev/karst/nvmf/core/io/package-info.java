/** The I/O commands, and how the outcome of a block I/O becomes a status. */
package dev.karst.nvmf.core.io;
