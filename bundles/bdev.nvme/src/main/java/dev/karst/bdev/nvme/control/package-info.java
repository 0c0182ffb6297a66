/** Controllers under their names, with the devices of their namespaces: attached, followed, taken away. Control threads. */
package dev.karst.bdev.nvme.control;
