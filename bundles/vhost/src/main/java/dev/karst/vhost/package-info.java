/** Disks for virtual machines: vhost-user controllers, each a unix socket. */
package dev.karst.vhost;
