/**
 * PCI functions that this process drives: found and bound by way of /sys, reached through VFIO where an IOMMU stands before them and
 * through their resource files where none does.
 */
package dev.karst.env.linux.pci;
