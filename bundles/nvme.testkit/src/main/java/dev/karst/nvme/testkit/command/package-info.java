/** A command on its way through a simulated controller: its entry, and the memory that it names. */
package dev.karst.nvme.testkit.command;
