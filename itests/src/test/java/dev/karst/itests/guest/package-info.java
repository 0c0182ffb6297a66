/** Targets against the initiators of a Linux kernel, which runs as a guest. */
package dev.karst.itests.guest;
