/** How the shell shows things: terminals, tables and trees. Nothing here knows a method. */
package dev.karst.shell.text;
