package dev.karst.iscsi.model;

/**
 * Where initiators reach the target.
 *
 * @param host a numeric address; one of IPv6 without brackets
 * @param port the port
 */
public record Portal(String host, int port) {
    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
