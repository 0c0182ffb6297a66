/** Reads what controllers say of themselves and their namespaces. */
package dev.karst.nvme.core.identify;
