/**
 * The registry of all methods and the JSON-RPC server on a unix socket, in SPDK's dialect: documents follow each other
 * without framing, answers are matched by id, errors carry negative error numbers.
 */
package dev.karst.rpc.core;
