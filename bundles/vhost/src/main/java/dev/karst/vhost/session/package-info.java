/** A front-end's connection: messages on a control thread, queues on reactors. */
package dev.karst.vhost.session;
