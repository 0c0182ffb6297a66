/** Virtual devices: rings in a guest's memory, block and SCSI devices. Virtual I/O Device (VIRTIO) Version 1.2. */
package dev.karst.spec.virtio;
