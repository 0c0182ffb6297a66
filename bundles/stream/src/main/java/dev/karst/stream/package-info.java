/**
 * What servers of stream sockets have in common, whatever their protocol: how connections are accepted, read in turn and written to once
 * a round, and the memory for their transfers. Reactor-confined, without allocation once a connection is in steady use.
 */
package dev.karst.stream;
