/** Keys that lie in files which only their owner can read. */
package dev.karst.keyring.file;
