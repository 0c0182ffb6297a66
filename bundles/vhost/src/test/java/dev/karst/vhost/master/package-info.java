/** What a virtual machine monitor and the driver in its guest do, played by a test: messages, memory that is shared, and rings. */
package dev.karst.vhost.master;
