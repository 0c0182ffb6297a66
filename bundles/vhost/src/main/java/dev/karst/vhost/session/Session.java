package dev.karst.vhost.session;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.Region;
import dev.karst.env.unix.Signal;
import dev.karst.env.unix.UnixSocket;
import dev.karst.reactor.Reactors;
import dev.karst.spec.vhostuser.ConfigSpace;
import dev.karst.spec.vhostuser.Header;
import dev.karst.spec.vhostuser.ProtocolFeature;
import dev.karst.spec.vhostuser.Request;
import dev.karst.spec.vhostuser.VringDescriptor;
import dev.karst.spec.vhostuser.VringState;
import dev.karst.spec.virtio.Feature;
import dev.karst.vhost.device.Device;
import dev.karst.vhost.ring.DirtyLog;
import dev.karst.vhost.ring.Ring;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;

/**
 * A front-end that uses a device, from its connection to its end. Messages are done one after the other, by the thread that {@link #run}s.
 * One that makes no sense is refused; if the front-end does not ask for replies, or breaks the protocol, the connection ends.
 */
public final class Session {
    private static final Logger LOG = System.getLogger(Session.class.getName());
    private static final long PROTOCOL_FEATURES = ProtocolFeature.MQ | ProtocolFeature.REPLY_ACK | ProtocolFeature.CONFIG
        | ProtocolFeature.RESET_DEVICE | ProtocolFeature.CONFIGURE_MEM_SLOTS | ProtocolFeature.BACKEND_REQ | ProtocolFeature.INFLIGHT_SHMFD
        | ProtocolFeature.LOG_SHMFD;
    private static final int CONFIG_SPACE_BYTES = 256;
    private static final int EIO = 1;

    private final Device device;
    private final Environment environment;
    private final Region buffer;
    private final Wire wire;
    private final GuestTable memory;
    private final InflightMemory inflight;
    private final DirtyMemory dirty;
    private final BackendChannel backend;
    private final Vrings vrings;
    private long features;
    private long protocolFeatures;

    /**
     * A session that has not begun.
     *
     * @param anyFile whether a front-end may share files that it can make shorter
     * @throws StorageException ENOMEM
     */
    public Session(Device device, UnixSocket socket, Environment environment, Reactors reactors, boolean anyFile)
        throws StorageException {
        this.device = device;
        this.environment = environment;
        buffer = environment.memory().allocate("vhost session", Wire.BUFFER_BYTES + Header.BYTES);
        wire = new Wire(socket, buffer.address());
        memory = new GuestTable(environment.unixSockets(), anyFile);
        inflight = new InflightMemory(environment.unixSockets(), anyFile);
        dirty = new DirtyMemory(environment.unixSockets(), anyFile);
        backend = new BackendChannel(buffer.address() + Wire.BUFFER_BYTES);
        vrings = new Vrings(device, environment, reactors);
    }

    /** Does what the front-end says until it is gone, then gives everything back. */
    public void run() {
        device.listen(backend::configChanged);
        try {
            for (;;) {
                serve();
            }
        } catch (StorageException e) {
            Level level = e.code() == -Errno.ECONNRESET ? Level.DEBUG : Level.WARNING;
            LOG.log(level, "the front-end of {0} goes: {1}", device.name(), e.getMessage());
        } finally {
            device.listen(null);
            backend.close();
            vrings.close();
            inflight.close();
            dirty.close();
            memory.replace(List.of());
            wire.close();
            environment.memory().free(buffer);
        }
    }

    /** Ends it soon. Any thread. */
    public void end() {
        wire.shutdown();
    }

    private boolean acknowledges() {
        return wire.needsReply() && (protocolFeatures & ProtocolFeature.REPLY_ACK) != 0;
    }

    private void serve() throws StorageException {
        wire.receive();
        MessageRule rule = MessageRule.forRequest(wire.request());
        boolean acknowledged = acknowledges() && (rule == null || !rule.replies());
        try {
            String problem = rule == null ? "it is not known" : rule.problem(wire.bytes(), wire.descriptors().size());
            if (problem != null) {
                throw wire.broken(problem);
            }
            handle();
            if (acknowledged) {
                wire.reply(0);
            }
        } catch (StorageException e) {
            if (acknowledged) {
                wire.reply(EIO);
            }
            if (!acknowledged || e.code() == -Errno.EPROTO) {
                throw e;
            }
            LOG.log(Level.WARNING, "{0}: message {1} is refused: {2}", device.name(), wire.request(), e.getMessage());
        } finally {
            wire.closeDescriptors();
        }
    }

    private void handle() throws StorageException {
        long payload = wire.payload();
        switch (wire.request()) {
            case Request.SET_OWNER -> { }
            case Request.GET_FEATURES -> wire.reply(offered());
            case Request.SET_FEATURES -> setFeatures(figure());
            case Request.GET_PROTOCOL_FEATURES -> wire.reply(PROTOCOL_FEATURES);
            case Request.SET_PROTOCOL_FEATURES -> setProtocolFeatures(figure());
            case Request.GET_QUEUE_NUM -> wire.reply(device.maxQueues());
            case Request.GET_MAX_MEM_SLOTS -> wire.reply(GuestTable.MAX_SLOTS);
            case Request.SET_MEM_TABLE, Request.ADD_MEM_REG, Request.REM_MEM_REG -> changeMemory();
            case Request.GET_CONFIG -> getConfig();
            case Request.SET_CONFIG -> throw StorageException.errno(Errno.EROFS, "nothing of the configuration can be set");
            case Request.GET_INFLIGHT_FD -> InflightMemory.make(wire, environment.unixSockets(), device.maxQueues());
            case Request.SET_INFLIGHT_FD -> {
                SharedRegion next = inflight.map(wire);
                vrings.stop(vrings.all());
                inflight.replace(next, wire);
                startAll();
            }
            case Request.SET_LOG_BASE -> {
                vrings.stop(vrings.all());
                dirty.set(wire);
                startAll();
                wire.reply(0);
            }
            case Request.SET_LOG_FD -> { }
            case Request.SET_BACKEND_REQ_FD -> {
                UnixSocket socket = environment.unixSockets().socket(wire.descriptors().getFirst());
                wire.take();
                backend.set(socket);
            }
            case Request.RESET_OWNER, Request.RESET_DEVICE -> reset();
            case Request.SET_VRING_NUM -> setSize(vring(), VringState.NUM.get(payload));
            case Request.SET_VRING_BASE -> setBase(vring(), VringState.NUM.getInt(payload));
            case Request.GET_VRING_BASE -> getBase(vring());
            case Request.SET_VRING_ENABLE -> enable(vring(), VringState.NUM.get(payload));
            case Request.SET_VRING_ADDR -> address(vring());
            case Request.SET_VRING_KICK -> kick(vringOfDescriptor());
            case Request.SET_VRING_CALL -> {
                Vring vring = vringOfDescriptor();
                vrings.tellBy(vring, signal(), vring.err);
            }
            case Request.SET_VRING_ERR -> {
                Vring vring = vringOfDescriptor();
                vrings.tellBy(vring, vring.call, signal());
            }
            default -> throw wire.broken("it was not agreed upon");
        }
    }

    private long figure() {
        return Mem.getLong(wire.payload());
    }

    private long offered() {
        return device.features() | Feature.VERSION_1 | Feature.RING_INDIRECT_DESC | Feature.RING_EVENT_IDX | Feature.PROTOCOL_FEATURES
            | Feature.LOG_ALL;
    }

    private void setFeatures(long wanted) throws StorageException {
        if ((wanted & ~offered()) != 0 || (wanted & Feature.VERSION_1) == 0) {
            throw StorageException.errno(Errno.EINVAL, "features 0x" + Long.toHexString(wanted) + " cannot be, of 0x"
                + Long.toHexString(offered()));
        }
        if (wanted != features) {
            vrings.check(memory.memory(), wanted);
            vrings.stop(vrings.all());
            features = wanted;
            for (Vring vring : vrings.all()) {
                vring.enabled |= (features & Feature.PROTOCOL_FEATURES) == 0;
            }
            startAll();
        }
    }

    private void setProtocolFeatures(long wanted) throws StorageException {
        if ((wanted & ~PROTOCOL_FEATURES) != 0) {
            throw StorageException.errno(Errno.EINVAL, "protocol features 0x" + Long.toHexString(wanted) + " cannot be");
        }
        protocolFeatures = wanted;
    }

    /** One that cannot be started does not keep the others from it. */
    private void startAll() throws StorageException {
        StorageException problem = null;
        for (Vring vring : vrings.all()) {
            try {
                start(vring);
            } catch (StorageException e) {
                problem = e;
            }
        }
        if (problem != null) {
            throw problem;
        }
    }

    private void start(Vring vring) throws StorageException {
        DirtyLog log = (features & Feature.LOG_ALL) == 0 ? null : dirty.log();
        vrings.start(vring, new Vrings.Agreement(features, memory.memory(), inflight, log));
    }

    private void changeMemory() throws StorageException {
        List<SharedRegion> next = switch (wire.request()) {
            case Request.SET_MEM_TABLE -> memory.map(GuestTable.table(wire), wire.descriptors());
            case Request.ADD_MEM_REG -> memory.with(GuestTable.single(wire), wire.descriptors().getFirst());
            default -> memory.without(GuestTable.single(wire));
        };
        try {
            vrings.check(GuestTable.of(next), features);
        } catch (StorageException e) {
            memory.refuse(next);
            throw e;
        }
        vrings.stop(vrings.all());
        memory.replace(next);
        startAll();
    }

    private void getConfig() throws StorageException {
        long payload = wire.payload();
        long offset = ConfigSpace.OFFSET.get(payload);
        long bytes = ConfigSpace.SIZE.get(payload);
        if (bytes > CONFIG_SPACE_BYTES || offset > CONFIG_SPACE_BYTES - bytes || ConfigSpace.BYTES + bytes != wire.bytes()) {
            wire.replyPayload(0);
            return;
        }
        long space = payload + ConfigSpace.BYTES;
        Mem.fill(space, 2L * CONFIG_SPACE_BYTES, (byte) 0);
        long whole = space + CONFIG_SPACE_BYTES;
        device.writeConfig(whole);
        Mem.copy(whole + offset, space, bytes);
        wire.replyPayload(wire.bytes());
    }

    private void reset() {
        vrings.stop(vrings.all());
        vrings.all().forEach(Vring::reset);
    }

    private Vring vring() throws StorageException {
        return vrings.vring(VringState.INDEX.get(wire.payload()));
    }

    private Vring vringOfDescriptor() throws StorageException {
        boolean none = VringDescriptor.NOFD.get(wire.payload()) != 0;
        if (VringDescriptor.RSVD.get(wire.payload()) != 0) {
            throw wire.broken("bits that are reserved");
        }
        if (none != wire.descriptors().isEmpty()) {
            throw wire.broken("it says that there is a descriptor, or none, and that is not so");
        }
        return vrings.vring(VringDescriptor.INDEX.get(wire.payload()));
    }

    private void setSize(Vring vring, long size) throws StorageException {
        boolean packed = (features & Feature.RING_PACKED) != 0;
        if (size < 1 || size > Ring.MAX_SIZE || !packed && Long.bitCount(size) != 1) {
            throw vring.refused("a size of " + size);
        }
        if (vring.queue != null) {
            vring.areas(vring.place, (int) size, memory.memory(), features);
        }
        vrings.stop(vring);
        vring.size = (int) size;
        start(vring);
    }

    private void setBase(Vring vring, int base) throws StorageException {
        if (vring.queue != null) {
            throw vring.refused("it runs");
        }
        if ((features & Feature.RING_PACKED) == 0 && base >>> Short.SIZE != 0) {
            throw vring.refused("it begins at " + Integer.toUnsignedString(base));
        }
        vring.base = base;
    }

    private void getBase(Vring vring) throws StorageException {
        vrings.stop(vring);
        Vring.close(vring.kick);
        vring.kick = null;
        vring.polled = false;
        VringState.INDEX.set(wire.payload(), vring.index);
        VringState.NUM.set(wire.payload(), vring.base);
        wire.replyPayload(VringState.BYTES);
    }

    private void enable(Vring vring, long enabled) throws StorageException {
        if (enabled > 1) {
            throw vring.refused("enabled is " + enabled);
        }
        vring.enabled = enabled == 1;
        if (vring.enabled) {
            start(vring);
        } else {
            vrings.stop(vring);
        }
    }

    private void address(Vring vring) throws StorageException {
        Vring.Place next = Vring.Place.at(wire.payload());
        if (vring.size > 0) {
            vring.areas(next, vring.size, memory.memory(), features);
        }
        vrings.stop(vring);
        vring.place = next;
        start(vring);
    }

    private void kick(Vring vring) throws StorageException {
        Signal next = signal();
        vrings.stop(vring);
        Vring.close(vring.kick);
        vring.kick = next;
        vring.polled = vring.kick == null;
        vring.enabled |= (features & Feature.PROTOCOL_FEATURES) == 0;
        start(vring);
    }

    /** The signal that came along, or null. */
    private Signal signal() throws StorageException {
        if (wire.descriptors().isEmpty()) {
            return null;
        }
        Signal signal = environment.unixSockets().signal(wire.descriptors().getFirst());
        wire.take();
        return signal;
    }
}
