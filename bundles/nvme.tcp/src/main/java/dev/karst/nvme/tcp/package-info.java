/**
 * NVMe/TCP, the host's side: moves capsules and data between the NVMe driver and stream sockets. NVMe TCP Transport
 * Specification 1.0.
 *
 * <p>A {@link dev.karst.nvme.tcp.TcpQueue} is one connection: a {@link dev.karst.nvme.tcp.Receiver} makes PDUs of bytes, an
 * {@link dev.karst.nvme.tcp.Output} holds what is to be sent, {@link dev.karst.nvme.tcp.HostData} what controllers asked for.
 */
package dev.karst.nvme.tcp;
