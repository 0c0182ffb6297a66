/**
 * The block layer. Two halves: {@code Lane}, {@code CoreChannel} and what they use lie on the I/O path, each confined
 * to one reactor; {@code BlockLayer}, {@code CoreBdev} and the rest run on control threads. The halves talk by messages
 * to the reactors and futures back. No lock is held while something is waited for.
 */
package dev.karst.bdev.core;
