/**
 * The saved state on the disk: a snapshot in the form of SPDK's {@code save_config} and a journal of the changes since. All
 * files are written through {@link dev.karst.env.Files}, so that the simulator can cut the power at every step.
 */
package dev.karst.config.state;
