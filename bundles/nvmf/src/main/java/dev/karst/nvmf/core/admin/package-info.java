/** The commands of admin queues, the Fabrics commands, and the pages that they answer with. */
package dev.karst.nvmf.core.admin;
