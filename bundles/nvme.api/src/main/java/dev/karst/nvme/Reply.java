package dev.karst.nvme;

/**
 * What a {@link Command} brought.
 *
 * @param result dwords 0 and 1 of the completion, dword 0 in the low half
 * @param data what came from the controller; empty for none
 */
public record Reply(long result, byte[] data) {}
