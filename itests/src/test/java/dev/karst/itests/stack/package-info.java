/** The whole stack in one process, without a container: what it costs and what it withstands over real sockets. */
package dev.karst.itests.stack;
