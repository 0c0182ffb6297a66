/**
 * JSON-RPC by HTTP, on loopback: what SPDK's own proxy offers, and the same methods as the socket. Users are in a file, each
 * with a role.
 */
package dev.karst.rpc.http;
