/** What the {@code karst} script needs of Java: a JSON-RPC client and a login key. A program of its own, with no dependency. */
package dev.karst.launcher;
