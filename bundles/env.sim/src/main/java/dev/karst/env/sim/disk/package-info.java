/** A disk by itself, without files, reactors or time, for what keeps durable state in blocks. */
package dev.karst.env.sim.disk;
