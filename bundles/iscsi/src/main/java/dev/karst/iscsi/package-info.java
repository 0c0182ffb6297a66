/**
 * The iSCSI target: {@link dev.karst.iscsi.IscsiTarget} is its control plane and what Declarative Services start. It runs without a
 * framework: make one, then ask {@link dev.karst.iscsi.rpc.IscsiManagement} for the methods.
 */
package dev.karst.iscsi;
