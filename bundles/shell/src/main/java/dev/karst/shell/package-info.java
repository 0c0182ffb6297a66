/**
 * The Karaf commands: one for each method of the registry, made from the method's own description, and a few that show
 * the whole. No layer has commands of its own.
 */
package dev.karst.shell;
