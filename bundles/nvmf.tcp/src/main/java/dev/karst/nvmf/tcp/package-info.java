/**
 * NVMe/TCP: moves capsules and data between stream sockets and the core of the target. NVMe TCP Transport Specification 1.0.
 *
 * <p>{@link dev.karst.nvmf.tcp.TcpGroup} holds what the connections of one reactor share. A {@link
 * dev.karst.nvmf.tcp.TcpConnection} joins a {@link dev.karst.nvmf.tcp.Receiver}, which makes PDUs of bytes, a {@link
 * dev.karst.nvmf.tcp.RequestTable} of commands in the making, and a {@link dev.karst.stream.SendQueue}.
 */
package dev.karst.nvmf.tcp;
