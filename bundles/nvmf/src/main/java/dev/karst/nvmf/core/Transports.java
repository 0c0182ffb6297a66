package dev.karst.nvmf.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.ServerSocket;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.NvmfHost;
import dev.karst.nvmf.NvmfTransport;
import dev.karst.nvmf.NvmfTransportProvider;
import dev.karst.nvmf.TransportOptions;
import dev.karst.nvmf.core.handover.LeftState;
import dev.karst.nvmf.core.handover.ParkedTransports;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.reactor.Reactor;
import dev.karst.rpc.RpcError;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The transports, by type, and where they listen. One whose provider went stays listed and comes back, with its
 * listeners, when the provider does. Under the target's lock.
 */
public final class Transports {
    private static final Logger LOG = System.getLogger(Transports.class.getName());

    /** A transport that somebody created. */
    public static final class Slot {
        public final String type;
        public final TransportOptions options;
        /** Null while there is no provider. Written under the lock. */
        private volatile NvmfTransport transport;
        /** Addresses, with how many subsystems use each. */
        private final Map<ListenAddress, Integer> users = new LinkedHashMap<>();

        Slot(String type, TransportOptions options) {
            this.type = type;
            this.options = options;
        }

        /** What its connections on a reactor have done, by names; nothing while there is no provider. On that reactor. */
        public Map<String, Long> statistics(Reactor reactor) {
            NvmfTransport present = transport;
            return present == null ? Map.of() : present.statistics(reactor);
        }
    }

    private final NvmfHost host;
    private final Map<String, NvmfTransportProvider> providers = new LinkedHashMap<>();
    private final Map<String, Slot> slots = new LinkedHashMap<>();
    private final Map<ListenAddress, Integer> portIds = new LinkedHashMap<>();
    private final ParkedTransports parked;
    private boolean allowRemote;

    public Transports(NvmfHost host) {
        this.host = host;
        parked = new ParkedTransports(host.environment());
    }

    /** How long what a transport leaves is kept for the next. */
    public void handoverTimeoutMs(long timeoutMs) {
        parked.timeoutMs(timeoutMs);
    }

    /** How long that is. */
    public long handoverTimeoutMs() {
        return parked.timeoutMs();
    }

    /** Whether listeners that other machines can reach are allowed. */
    public void allowRemote(boolean allow) {
        allowRemote = allow;
    }

    public void add(NvmfTransportProvider provider) {
        String type = canonical(provider.type());
        providers.put(type, provider);
        Slot slot = slots.get(type);
        if (slot != null && slot.transport == null) {
            reopen(slot, provider);
        }
    }

    private void reopen(Slot slot, NvmfTransportProvider provider) {
        try {
            slot.transport = provider.open(host, slot.options);
        } catch (StorageException e) {
            LOG.log(Level.ERROR, "transport {0} did not come back: {1}", slot.type, e.getMessage());
            return;
        }
        slot.users.keySet().forEach(address -> listenAgain(slot.transport, address));
        resumeAll(slot);
    }

    /** One address that cannot be had takes no other with it. */
    private void listenAgain(NvmfTransport transport, ListenAddress address) {
        try {
            listenAt(transport, address);
        } catch (StorageException e) {
            LOG.log(Level.ERROR, "nobody listens at {0} any more: {1}; remove the listener and add it again", address,
                e.getMessage());
        }
    }

    public void remove(NvmfTransportProvider provider) {
        String type = canonical(provider.type());
        if (providers.get(type) != provider) {
            return;
        }
        providers.remove(type);
        Slot slot = slots.get(type);
        if (slot != null) {
            park(slot);
        }
    }

    private void park(Slot slot) {
        NvmfTransport transport = slot.transport;
        slot.transport = null;
        if (transport == null) {
            return;
        }
        try {
            parked.keep(transport.park());
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "transport {0} did not close cleanly: {1}", slot.type, e.getMessage());
        }
    }

    private void close(Slot slot) {
        NvmfTransport transport = slot.transport;
        slot.transport = null;
        if (transport == null) {
            return;
        }
        try {
            transport.close();
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "transport {0} did not close cleanly: {1}", slot.type, e.getMessage());
        }
    }

    /** Gives away what a successor of this target can go on with, and closes the rest. */
    public void parkAll() {
        slots.values().forEach(this::park);
        slots.clear();
    }

    /**
     * The subsystem can be reached there again: hosts that were connected go on. Those that ask what there is, or have not said
     * yet where they want to, wait until all is there.
     */
    void resume(Subsystem subsystem, ListenAddress address) {
        Slot slot = slots.get(address.trtype());
        if (!subsystem.discovery && slot.transport != null) {
            parked.resume(slot.transport, address, subsystem.nqn);
        }
        if (!LeftState.awaitsListeners(host.environment())) {
            slots.values().forEach(this::resumeAll);
        }
    }

    private void resumeAll(Slot slot) {
        if (slot.transport != null) {
            slot.users.keySet().forEach(address -> parked.resume(slot.transport, address));
        }
    }

    public void closeAll() {
        slots.values().forEach(this::close);
        slots.clear();
        parked.closeAll();
    }

    /** What holds for options that nobody sets. */
    public TransportOptions defaults(String type) throws StorageException {
        NvmfTransportProvider provider = providers.get(canonical(type));
        if (provider == null) {
            throw RpcError.invalidParameters("Invalid transport type '" + type + "'");
        }
        return provider.defaults();
    }

    public void create(String type, TransportOptions options) throws StorageException {
        String name = canonical(type);
        defaults(type);
        if (slots.containsKey(name)) {
            throw new StorageException(RpcError.INTERNAL_ERROR, "Transport type '" + type + "' already exists");
        }
        Slot slot = new Slot(name, options);
        slot.transport = providers.get(name).open(host, options);
        slots.put(name, slot);
    }

    public List<Slot> all() {
        return new ArrayList<>(slots.values());
    }

    /** The address as it is kept: canonical words, and the family found out if it was left open. */
    public static ListenAddress canonical(String trtype, String adrfam, String traddr, String trsvcid)
        throws StorageException {
        boolean isIpv6 = parse(traddr).getAddress().length > 4;
        boolean saysIpv6 = adrfam == null ? isIpv6 : adrfam.equalsIgnoreCase("IPv6");
        boolean isFamily = adrfam == null || adrfam.equalsIgnoreCase("IPv4") || adrfam.equalsIgnoreCase("IPv6");
        if (!isFamily || saysIpv6 != isIpv6) {
            throw RpcError.invalidParameters("Invalid parameters: " + traddr + " is no address of family " + adrfam);
        }
        if (!trsvcid.matches("\\d{1,5}") || Integer.parseInt(trsvcid) > 0xffff) {
            throw RpcError.invalidParameters("Invalid parameters: trsvcid is " + trsvcid + ", which is no port");
        }
        return new ListenAddress(canonical(trtype), isIpv6 ? "IPv6" : "IPv4", traddr, trsvcid);
    }

    private static String canonical(String type) {
        return type.toUpperCase(Locale.ROOT);
    }

    private static InetAddress parse(String traddr) throws StorageException {
        try {
            return InetAddress.ofLiteral(traddr);
        } catch (IllegalArgumentException e) {
            throw RpcError.invalidParameters("Invalid parameters: " + traddr + " is no numeric IPv4 or IPv6 address");
        }
    }

    /** One more subsystem uses the address, which is listened at from now on. Gives the address with its port. */
    public ListenAddress listen(ListenAddress address) throws StorageException {
        Slot slot = slot(address);
        if (!allowRemote && !parse(address.traddr()).isLoopbackAddress()) {
            throw RpcError.invalidParameters("Invalid parameters: other machines could reach " + address
                + " without authentication; if they may, set allow.remote=true in etc/dev.karst.nvmf.cfg");
        }
        Integer users = slot.users.get(address);
        if (users != null) {
            slot.users.put(address, users + 1);
            return address;
        }
        if (slot.transport == null) {
            throw StorageException.errno(Errno.ENODEV, "transport " + slot.type + " is not there at the moment");
        }
        ListenAddress actual = listenFirst(slot.transport, address);
        slot.users.put(actual, 1);
        portIds.putIfAbsent(actual, portIds.size() + 1);
        return actual;
    }

    private ListenAddress listenAt(NvmfTransport transport, ListenAddress address) throws StorageException {
        ServerSocket socket = parked.listener(address);
        if (socket == null) {
            return transport.listen(address);
        }
        transport.adopt(address, socket);
        return address;
    }

    private ListenAddress listenFirst(NvmfTransport transport, ListenAddress address) throws StorageException {
        try {
            return listenAt(transport, address);
        } catch (StorageException e) {
            throw new StorageException(RpcError.INVALID_PARAMS, "Invalid parameters: " + e.getMessage(), e);
        }
    }

    /** A subsystem does not use the address any more. */
    public void unlisten(ListenAddress address) throws StorageException {
        Slot slot = slot(address);
        Integer users = slot.users.get(address);
        if (users == null) {
            return;
        } else if (users > 1) {
            slot.users.put(address, users - 1);
            return;
        }
        slot.users.remove(address);
        parked.close(address);
        if (slot.transport != null) {
            slot.transport.unlisten(address);
        }
    }

    private Slot slot(ListenAddress address) throws StorageException {
        Slot slot = slots.get(address.trtype());
        if (slot == null) {
            throw RpcError.invalidParameters("Invalid parameters: there is no transport " + address.trtype()
                + "; make it with nvmf:transport-create");
        }
        return slot;
    }

    /** The address as a number, for the discovery log. */
    public int portId(ListenAddress address) {
        return portIds.getOrDefault(address, 0);
    }

    /** Most entries of an admin queue at the address. */
    public int adminQueueEntries(ListenAddress address) {
        Slot slot = slots.get(address.trtype());
        return slot == null ? 0 : slot.options.maxAdminQueueDepth();
    }
}
