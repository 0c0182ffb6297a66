/** Rate limits of a device: what they allow, and what all its reactors share to keep them. */
package dev.karst.bdev.core.limit;
