/**
 * The way of an I/O to a namespace: a channel for each reactor turns it into a command, chooses the path, and tries another one
 * when that path fails.
 */
package dev.karst.bdev.nvme.io;
