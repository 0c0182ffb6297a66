/**
 * The contract that every block device module keeps, as tests: {@link dev.karst.bdev.testkit.BdevModuleContract} is
 * extended by the tests of each module, also of one that somebody else writes. It runs the module under the real block
 * layer on the simulator, from many seeds, and checks the data against a model.
 */
package dev.karst.bdev.testkit;
