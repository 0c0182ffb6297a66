/** What the block layer measures: plain figures that one reactor writes and others read. */
package dev.karst.bdev.core.measure;
