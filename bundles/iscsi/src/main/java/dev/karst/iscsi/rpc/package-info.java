/** The management of the iSCSI target: SPDK's methods, and the calls that bring it back. */
package dev.karst.iscsi.rpc;
