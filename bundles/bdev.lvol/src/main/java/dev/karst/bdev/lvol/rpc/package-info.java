/** The management methods of pools and volumes, with SPDK's names, parameters and answers. */
package dev.karst.bdev.lvol.rpc;
