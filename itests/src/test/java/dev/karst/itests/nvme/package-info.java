/** The NVMe driver on controllers that others play, and programs for guests that have some. */
package dev.karst.itests.nvme;
