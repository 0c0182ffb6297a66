package dev.karst.nvmf;

import dev.karst.env.StreamSocket;

/**
 * A connection at rest, between two transports.
 *
 * @param listener where it was accepted
 * @param reactor the number of the reactor that it belonged to
 * @param socket nobody watches it
 * @param state the transport's state of it
 * @param queue what {@link NvmfQueue#handOver} gave; empty when there was no Connect yet
 */
public record ParkedConnection(ListenAddress listener, int reactor, StreamSocket socket, byte[] state, byte[] queue) {}
