/** Memory of the block layer's own, for I/O that cannot be done in the submitter's. */
package dev.karst.bdev.core.bounce;
