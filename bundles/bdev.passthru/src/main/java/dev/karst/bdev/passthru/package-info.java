/**
 * Block devices that hand everything on to another one: the pattern of a stacked module, to be copied. It opens and claims
 * what it stands on, forwards with pooled I/O, waits when there is no room below, and follows what happens below: a new
 * size is told on, and a removal removes it.
 */
package dev.karst.bdev.passthru;
