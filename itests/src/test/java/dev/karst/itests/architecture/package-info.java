/** Holds what was built against the rules in cnf/: layers, limits and banned words, and those that need no file. */
package dev.karst.itests.architecture;
