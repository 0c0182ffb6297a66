/** Stream sockets on TCP. */
package dev.karst.env.linux.net;
