/** Virtqueues as the device sees them: chains of descriptors taken, translated once, and put back. Reactor-confined. */
package dev.karst.vhost.ring;
