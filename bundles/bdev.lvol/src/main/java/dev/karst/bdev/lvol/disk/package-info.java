/** What lies on the disk of a store: super blocks, pages, pointers and trees of pages. Figures are little endian. */
package dev.karst.bdev.lvol.disk;
