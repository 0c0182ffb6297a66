/** What a simulated NVM subsystem stores: namespaces with their blocks, zones and reservations. */
package dev.karst.nvme.testkit.media;
