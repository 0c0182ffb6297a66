/** What one block layer leaves for the next in the same process. */
package dev.karst.bdev.core.left;
