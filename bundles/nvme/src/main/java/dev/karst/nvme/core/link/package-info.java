/** The seam between a controller's life and the way to it. */
package dev.karst.nvme.core.link;
