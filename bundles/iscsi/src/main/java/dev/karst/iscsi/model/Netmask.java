package dev.karst.iscsi.model;

import java.net.InetAddress;

/**
 * Addresses that begin with the same bits.
 *
 * @param text as it was given: {@code ANY}, an address, or one with the number of its bits that count
 * @param address null for any
 * @param bits how many bits count
 */
public record Netmask(String text, InetAddress address, int bits) {
    private static final String ANY = "ANY";

    /**
     * From its text.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static Netmask of(String text) {
        if (text.equals(ANY)) {
            return new Netmask(text, null, 0);
        }
        int slash = text.indexOf('/');
        InetAddress address = Addresses.parse(slash < 0 ? text : text.substring(0, slash));
        int most = address.getAddress().length * Byte.SIZE;
        int bits = slash < 0 ? most : Integer.parseInt(text.substring(slash + 1));
        if (bits < 0 || bits > most) {
            throw new IllegalArgumentException(text + " has " + bits + " bits");
        }
        return new Netmask(text, address, bits);
    }

    /** Whether the address is one of these. */
    public boolean contains(InetAddress other) {
        if (address == null) {
            return true;
        }
        byte[] these = address.getAddress();
        byte[] those = other.getAddress();
        if (these.length != those.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> bit % Byte.SIZE;
            if ((these[bit / Byte.SIZE] & mask) != (those[bit / Byte.SIZE] & mask)) {
                return false;
            }
        }
        return true;
    }
}
