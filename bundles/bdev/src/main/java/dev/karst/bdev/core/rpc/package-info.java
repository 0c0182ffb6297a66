/** The management front of the block layer: SPDK's methods, and some of our own for the shell. */
package dev.karst.bdev.core.rpc;
