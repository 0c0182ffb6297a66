/** Clients of the RPC transports that send any bytes, right or wrong, and rows of bad input that are played with them. */
package dev.karst.itests.rpc;
