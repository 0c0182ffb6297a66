/**
 * What the core tells its successor of a queue and its controller, so that hosts keep their connections while transports and
 * the core itself are replaced.
 */
package dev.karst.nvmf.core.handover;
