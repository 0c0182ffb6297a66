/**
 * Figures of the vfio-user protocol, version 0.0 (libvfio-user, docs/vfio-user.rst, revision 0.9.2). In the host's byte order, which is
 * little endian wherever Karst runs. Offsets of payloads count from their own start, behind the {@link dev.karst.spec.vfiouser.Header}.
 */
package dev.karst.spec.vfiouser;
