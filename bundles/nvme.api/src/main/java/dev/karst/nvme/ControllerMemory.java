package dev.karst.nvme;

/**
 * Memory of the controller's own that the process sees: data of commands may lie there, and then does not cross the bus twice.
 *
 * @param address where it begins; there as long as the controller is attached and not gone
 * @param bytes how much
 */
public record ControllerMemory(long address, long bytes) {}
