/** What clients of SPDK do, against all layers of this tree in one process. */
package dev.karst.itests.spdk;
