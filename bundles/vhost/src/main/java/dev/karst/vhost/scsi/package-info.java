/** virtio-scsi hosts whose targets are block devices. VIRTIO 1.2, 5.6. */
package dev.karst.vhost.scsi;
