/** Waiting: epoll, and the wake-up that ends a wait. */
package dev.karst.env.linux.event;
