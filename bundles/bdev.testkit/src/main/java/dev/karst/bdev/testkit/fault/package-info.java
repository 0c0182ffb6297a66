/**
 * A module that misbehaves as chance says, around any other module: what a block layer must survive. Its host, devices and
 * channels stand between the block layer and those of the module.
 */
package dev.karst.bdev.testkit.fault;
