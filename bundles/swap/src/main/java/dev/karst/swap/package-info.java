/** Replaces bundles that bring block device modules, under I/O, and puts the version before back when the new one is no good. */
package dev.karst.swap;
