/** The management methods of the vhost-user target. */
package dev.karst.vhost.rpc;
