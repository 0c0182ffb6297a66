/** Messages between a virtual machine monitor, the front-end, and what plays its device, the back-end. QEMU, vhost-user protocol. */
package dev.karst.spec.vhostuser;
