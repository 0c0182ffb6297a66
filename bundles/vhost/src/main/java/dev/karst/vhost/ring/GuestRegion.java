package dev.karst.vhost.ring;

/**
 * A part of a guest's memory.
 *
 * @param guest where the guest finds it
 * @param bytes its length
 * @param user where the front-end finds it
 * @param address where Karst finds it
 */
public record GuestRegion(long guest, long bytes, long user, long address) {}
