package dev.karst.iscsi;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.iscsi.login.LoginHost;
import dev.karst.iscsi.model.AuthPolicy;
import dev.karst.iscsi.model.Catalogue;
import dev.karst.iscsi.model.IscsiOptions;
import dev.karst.iscsi.session.Group;
import dev.karst.iscsi.session.Session;
import dev.karst.iscsi.session.SessionHost;
import dev.karst.iscsi.session.Sessions;
import dev.karst.keyring.Keyring;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import dev.karst.rpc.RpcError;
import dev.karst.scsi.ScsiDevices;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/**
 * The target: its portals, initiators, secrets and nodes. Control threads change it, one at a time; what reactors read of it is immutable
 * and replaced.
 */
@Component(immediate = true, configurationPid = "dev.karst.iscsi", service = IscsiTarget.class)
@Designate(ocd = IscsiSettings.class)
public final class IscsiTarget implements SessionHost {
    private static final Logger LOG = System.getLogger(IscsiTarget.class.getName());
    private static final long WAIT_MS = 20_000;

    /** Where initiators reach it. */
    public final PortalAdmin portals;
    /** Who may use what. */
    public final InitiatorAdmin initiators;
    /** By what they say who they are. */
    public final AuthAdmin auth;
    /** What they use. */
    public final NodeAdmin nodes;

    private final Environment environment;
    private final HandOver handOver;
    private final Reactors reactors;
    private final Sessions sessions = new Sessions();
    private final List<Group> groups = new ArrayList<>();
    private final SecureRandom random = new SecureRandom();
    private final ReentrantLock lock = new ReentrantLock();
    private volatile Catalogue catalogue =
        new Catalogue(IscsiOptions.USUAL, none(), none(), none(), none());
    private volatile boolean allowMd5;

    /** A target without anything. */
    public IscsiTarget(Environment environment, Reactors reactors, ScsiDevices devices, Keyring keyring) {
        this.environment = environment;
        this.reactors = reactors;
        handOver = new HandOver(environment);
        initiators = new InitiatorAdmin(this);
        auth = new AuthAdmin(this, keyring);
        nodes = new NodeAdmin(this, devices);
        for (Reactor reactor : reactors.all()) {
            Group group = new Group(reactor, this);
            groups.add(group);
            reactor.execute(group::start);
        }
        portals = new PortalAdmin(this, handOver);
    }

    /** For Declarative Services. */
    @Activate
    public IscsiTarget(
        @Reference Environment environment, @Reference Reactors reactors, @Reference ScsiDevices devices,
        @Reference Keyring keyring, IscsiSettings settings) {
        this(environment, reactors, devices, keyring);
        modified(settings);
    }

    @Modified
    public void modified(IscsiSettings settings) {
        portals.allowRemote(settings.allow_remote());
        allowMd5(settings.allow_legacy_md5());
    }

    /** Whether CHAP may use MD5. */
    public void allowMd5(boolean allow) {
        allowMd5 = allow;
    }

    private static <K, V> SequencedMap<K, V> none() {
        return Collections.unmodifiableSequencedMap(new LinkedHashMap<>());
    }

    @Override
    public Environment environment() {
        return environment;
    }

    @Override
    public Reactors reactors() {
        return reactors;
    }

    @Override
    public Catalogue catalogue() {
        return catalogue;
    }

    @Override
    public LoginHost loginHost(int portalGroup, InetAddress peer) {
        return new LoginHost(catalogue, portalGroup, peer, allowMd5, auth::secret, this::random);
    }

    private byte[] random(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    @Override
    public Sessions sessions() {
        return sessions;
    }

    /** The connections of a reactor. */
    Group group(int reactor) {
        return groups.get(reactor);
    }

    /** The connections, by the reactor's number. */
    public List<Group> groups() {
        return groups;
    }

    /** A change of the control plane. */
    @FunctionalInterface
    public interface Change<T> {
        T run() throws StorageException;
    }

    /** Runs one change, after those before it. */
    <T> T change(Change<T> change) throws StorageException {
        lock.lock();
        try {
            return change.run();
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock: a node is there, perhaps one that the version before had. */
    void arrived(String node) {
        if (handOver.arrived(node)) {
            portals.letIn();
        }
    }

    /** Under the lock: from now on this is what there is. */
    void publish(Catalogue next) {
        catalogue = next;
    }

    /** A copy of a map with a value more, or another. */
    static <K, V> SequencedMap<K, V> with(SequencedMap<K, V> map, K key, V value) {
        var copy = new LinkedHashMap<>(map);
        copy.put(key, value);
        return Collections.unmodifiableSequencedMap(copy);
    }

    /** A copy of a map without a key. */
    static <K, V> SequencedMap<K, V> without(SequencedMap<K, V> map, K key) {
        var copy = new LinkedHashMap<>(map);
        copy.remove(key);
        return Collections.unmodifiableSequencedMap(copy);
    }

    /** What is wrong with a call's parameters. */
    static StorageException invalid(String what) {
        return RpcError.invalidParameters("Invalid parameters: " + what);
    }

    /** Something that is not there. */
    static StorageException missing(String what) {
        return StorageException.errno(Errno.ENOENT, Errno.text(Errno.ENOENT) + ": " + what);
    }

    /** Changes what holds for the target as a whole. */
    public void options(UnaryOperator<IscsiOptions> change) throws StorageException {
        change(() -> {
            IscsiOptions next = change.apply(catalogue.options());
            check(next.discoveryAuth());
            Catalogue now = catalogue;
            publish(new Catalogue(next, now.portalGroups(), now.initiatorGroups(), now.authGroups(), now.nodes()));
            return null;
        });
    }

    /** Whether a policy can be. */
    static void check(AuthPolicy policy) throws StorageException {
        if (policy.problem() != null) {
            throw invalid(policy.problem());
        }
    }

    /**
     * Ends sessions, and returns when they have gone.
     *
     * @throws StorageException ETIMEDOUT when commands in flight do not end
     */
    void end(Predicate<Session> which) throws StorageException {
        List<CompletableFuture<Void>> gone = new ArrayList<>();
        for (Session session : sessions.all()) {
            if (which.test(session)) {
                var done = new CompletableFuture<Void>();
                gone.add(done);
                session.group().reactor().execute(() -> {
                    session.whenGone(() -> done.complete(null));
                    session.end();
                });
            }
        }
        reactors.await(CompletableFuture.allOf(gone.toArray(CompletableFuture[]::new)), WAIT_MS, "the end of sessions");
    }

    /** Ends sessions of initiators that may not use their node any more. */
    void endUnwanted() throws StorageException {
        end(session -> session.node() != null
            && !catalogue.admits(session.node(), session.portalGroup(), session.initiator(), session.peer()));
    }

    /** Ends all connections and gives everything back, but what it leaves to its next version. Control threads. */
    @Deactivate
    public void close() {
        lock.lock();
        try {
            portals.close();
            handOver.leave(catalogue.nodes().keySet());
            List<CompletableFuture<Void>> closed = new ArrayList<>();
            for (Group group : groups) {
                var done = new CompletableFuture<Void>();
                closed.add(done);
                group.reactor().execute(() -> group.close(() -> done.complete(null)));
            }
            reactors.await(CompletableFuture.allOf(closed.toArray(CompletableFuture[]::new)), WAIT_MS, "the last connections");
            nodes.close();
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "did not end cleanly: {0}", e.getMessage());
        } finally {
            lock.unlock();
        }
    }
}
