package dev.karst.bdev.module;

import java.util.Map;
import java.util.UUID;

/**
 * How a block device came to be, kept by the registry while its module is replaced, and saved in the configuration.
 *
 * @param method the RPC method that makes it; empty for a device that comes by itself with something else of its module, such as
 *     the controller that has it: it is not saved, but what it comes with is, see {@link BdevHost#keepFirst}
 * @param parameters what it was called with, name and UUID filled in, as plain values; or what the module tells it by
 * @param name of the device
 * @param uuid of the device
 */
public record CreationRecord(String method, Map<String, Object> parameters, String name, UUID uuid) {}
