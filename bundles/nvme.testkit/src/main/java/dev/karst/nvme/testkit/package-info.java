/**
 * Simulated NVMe controllers. A test makes a {@link dev.karst.nvme.testkit.media.SimSubsystem}, gives it namespaces, and plugs
 * one or more {@link dev.karst.nvme.testkit.SimNvme} of it into the simulated machine.
 */
package dev.karst.nvme.testkit;
