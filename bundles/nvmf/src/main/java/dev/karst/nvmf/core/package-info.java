/**
 * The core of the NVMe-oF target, on any transport: {@link dev.karst.nvmf.core.NvmfTarget} makes, changes and ends what
 * {@code model} knows, on control threads and under one lock, and wires {@code admin} and {@code io}, which execute
 * commands on reactors. {@code rpc} is the management in front of it.
 */
package dev.karst.nvmf.core;
