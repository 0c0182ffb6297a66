/**
 * Figures of the NVMe/TCP transport: NVM Express TCP Transport Specification 1.0. Offsets count from the start of the
 * PDU.
 */
package dev.karst.spec.nvmetcp;
