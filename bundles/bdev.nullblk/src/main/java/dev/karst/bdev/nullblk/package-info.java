/**
 * Block devices that keep nothing: writes are forgotten and reads give zeros. For measuring what stands above, and for
 * tests. The package is not called {@code null} because that is a word of the language.
 */
package dev.karst.bdev.nullblk;
