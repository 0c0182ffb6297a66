/** The table of commands, and the commands on blocks. SBC-4. */
package dev.karst.scsi.core.command;
