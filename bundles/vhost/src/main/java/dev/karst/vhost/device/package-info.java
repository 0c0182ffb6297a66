/** What a type of virtual device has to be for sessions and queues to serve it. */
package dev.karst.vhost.device;
