package dev.karst.nvmf;

/**
 * Where a subsystem can be reached, in SPDK's words.
 *
 * @param trtype {@code TCP}
 * @param adrfam {@code IPv4} or {@code IPv6}
 * @param traddr a numeric address
 * @param trsvcid the port, as text
 */
public record ListenAddress(String trtype, String adrfam, String traddr, String trsvcid) {
    @Override
    public String toString() {
        return trtype + " " + (traddr.contains(":") ? "[" + traddr + "]" : traddr) + ":" + trsvcid;
    }
}
