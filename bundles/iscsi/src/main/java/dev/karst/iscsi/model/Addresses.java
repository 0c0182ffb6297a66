package dev.karst.iscsi.model;

import java.net.InetAddress;

/** Addresses as sockets tell them. */
public final class Addresses {
    private Addresses() {}

    /** The address in {@code address:port}. */
    public static InetAddress of(String addressAndPort) {
        return parse(addressAndPort.substring(0, addressAndPort.lastIndexOf(':')));
    }

    /** An address, in brackets or not. */
    public static InetAddress parse(String text) {
        return InetAddress.ofLiteral(unbracketed(text));
    }

    /** The text of an address without the brackets that it may have. */
    public static String unbracketed(String text) {
        boolean bracketed = text.startsWith("[") && text.endsWith("]");
        return bracketed ? text.substring(1, text.length() - 1) : text;
    }
}
