/**
 * Figures of the NVM command set that no other uses: its longer commands, and what Identify says of it. NVM Command Set
 * 1.1.
 */
package dev.karst.spec.nvme.nvm;
