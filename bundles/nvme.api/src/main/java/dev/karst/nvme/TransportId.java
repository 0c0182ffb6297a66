package dev.karst.nvme;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Where a controller is.
 *
 * @param type {@code PCIE}, {@code TCP}, {@code VFIOUSER}: the name of a transport, in capitals
 * @param family {@code IPv4}, {@code IPv6}; empty where the transport has none
 * @param address PCI address, IP address, path of a socket or of the folder that it lies in
 * @param service TCP port; empty where the transport has none
 * @param subsystem NQN of the subsystem; empty for whichever is there, and for one on the machine's bus
 */
public record TransportId(String type, String family, String address, String service, String subsystem) {
    /** The controller at this PCI address. */
    public static TransportId pcie(String address) {
        return new TransportId("PCIE", "", address, "", "");
    }

    /** A controller of the subsystem behind this address and port. */
    public static TransportId tcp(String address, int port, String subsystem) {
        return new TransportId("TCP", address.indexOf(':') < 0 ? "IPv4" : "IPv6", address, Integer.toString(port), subsystem);
    }

    /** The controller that is served over this socket. */
    public static TransportId vfiouser(String path) {
        return new TransportId("VFIOUSER", "", path, "", "");
    }

    /**
     * Reads {@code trtype:TCP adrfam:IPv4 traddr:127.0.0.1 trsvcid:4420 subnqn:nqn...}: pairs in any order, {@code :} or {@code =}
     * between key and value, spaces between pairs.
     *
     * @throws StorageException EINVAL, saying what is wrong
     */
    public static TransportId parse(String text) throws StorageException {
        Map<String, String> pairs = new HashMap<>();
        for (String pair : text.strip().split("\\s+")) {
            String[] parts = pair.split("[:=]", 2);
            if (parts.length < 2 || pairs.put(parts[0].toLowerCase(Locale.ROOT), parts[1]) != null) {
                throw invalid(text, "'" + pair + "' is no pair of key and value, or there twice");
            }
        }
        String type = pairs.getOrDefault("trtype", "").toUpperCase(Locale.ROOT);
        var id = new TransportId(
            type, pairs.getOrDefault("adrfam", ""), pairs.getOrDefault("traddr", ""), pairs.getOrDefault("trsvcid", ""),
            pairs.getOrDefault("subnqn", ""));
        if (type.isEmpty() || id.address.isEmpty()) {
            throw invalid(text, "trtype and traddr must be there");
        }
        return id;
    }

    private static StorageException invalid(String text, String why) {
        return StorageException.errno(Errno.EINVAL, "no transport ID: " + text + ": " + why
            + "; an example is trtype:TCP traddr:127.0.0.1 trsvcid:4420 subnqn:nqn.2024-01.io.karst:disk");
    }

    /** The same at another subsystem. */
    public TransportId at(String subsystem) {
        return new TransportId(type, family, address, service, subsystem);
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        var text = new StringBuilder("trtype:").append(type);
        append(text, "adrfam", family);
        append(text, "traddr", address);
        append(text, "trsvcid", service);
        append(text, "subnqn", subsystem);
        return text.toString();
    }

    private static void append(StringBuilder text, String key, String value) {
        if (!value.isEmpty()) {
            text.append(' ').append(key).append(':').append(value);
        }
    }
}
