/** Locks of block ranges that hold on all reactors, taken and given back by message. */
package dev.karst.bdev.core.lock;
