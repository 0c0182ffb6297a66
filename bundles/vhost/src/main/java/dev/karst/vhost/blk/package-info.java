/** virtio-blk devices over block devices. VIRTIO 1.2, 5.2. */
package dev.karst.vhost.blk;
