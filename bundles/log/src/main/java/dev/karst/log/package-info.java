/** SPDK's methods about logging, over the logging of the container. */
package dev.karst.log;
