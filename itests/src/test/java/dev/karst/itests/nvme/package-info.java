/** Programs that drive NVMe controllers, for guests that have some. */
package dev.karst.itests.nvme;
