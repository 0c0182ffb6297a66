/**
 * NVMe controllers that another process plays and serves over a unix socket: the vfio-user protocol's client side. What it says is
 * checked; a server that lies or breaks the protocol is left, and its device is gone.
 */
package dev.karst.nvme.vfiouser;
