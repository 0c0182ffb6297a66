/** Logical volumes of the assembled distribution while its process is killed, its modules replaced and its volumes changed. */
package dev.karst.itests.lvol;
