/** A front-end without a socket: what it says is there beforehand, and the session runs in the thread of the test. */
package dev.karst.vhost.played;
