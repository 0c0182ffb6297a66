/** Block device modules of somebody else, built from the archetype and dropped in while running. */
package dev.karst.itests.custom;
