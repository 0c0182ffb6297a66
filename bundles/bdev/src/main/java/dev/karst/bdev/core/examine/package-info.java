/** Shows new devices to all modules, so that they may stand on them. */
package dev.karst.bdev.core.examine;
