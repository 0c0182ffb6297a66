/**
 * An NVMe/TCP host for tests. It shares no code with the target: it composes and takes apart bytes by itself, so that a
 * figure that is wrong in one place is not wrong in both. It sends any PDU, right or wrong, over anything that carries bytes.
 */
package dev.karst.nvmf.testkit;
