/** Unix sockets that pass descriptors, and the eventfds and files that these stand for. */
package dev.karst.env.linux.unix;
