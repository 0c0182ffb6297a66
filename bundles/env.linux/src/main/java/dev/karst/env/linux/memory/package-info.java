/** Memory for data: mapped once, pooled by size, never unmapped. */
package dev.karst.env.linux.memory;
