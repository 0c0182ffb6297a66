/** The admin commands of a simulated controller. NVMe Base 2.1, 5. */
package dev.karst.nvme.testkit.admin;
