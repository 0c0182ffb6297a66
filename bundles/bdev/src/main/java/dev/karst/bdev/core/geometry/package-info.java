/** Which geometries devices may have, and which may follow another. */
package dev.karst.bdev.core.geometry;
