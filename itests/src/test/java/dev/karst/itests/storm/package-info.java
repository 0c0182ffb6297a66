/**
 * A storm over the block layer on the simulator: real modules and stacks under random I/O, while modules come, go and
 * misbehave in any order that a seed brings.
 */
package dev.karst.itests.storm;
