/**
 * The driver: {@code PolledDriver} attaches controllers, {@code AttachedController} leads one through its life. A {@code link} is what is
 * different between a controller on the bus ({@code ring}) and one behind connections ({@code fabrics}).
 */
package dev.karst.nvme.core;
