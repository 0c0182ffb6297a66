/** What there is: logical units, nexuses, commands and their order, unit attentions; and how each ends. */
package dev.karst.scsi.core.model;
