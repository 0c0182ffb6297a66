/** iSCSI initiators of others against all layers. */
package dev.karst.itests.iscsi;
