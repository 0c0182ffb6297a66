/**
 * Plays the startup configuration, a file in the form of SPDK's {@code save_config}, through the registry of methods.
 */
package dev.karst.config;
