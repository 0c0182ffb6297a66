package dev.karst.rpc;

import dev.karst.base.StorageException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/** All methods of all layers that are there now, a service of the {@code rpc} bundle for the fronts. Any control thread. */
public interface RpcRegistry {
    /** By name, sorted. */
    List<RpcMethod> methods();

    Optional<RpcMethod> method(String name);

    /**
     * Checks the parameters and calls the method. If that {@linkplain RpcMethod#saved changes the saved state}, it waits for its
     * turn, and returns when the change is durable.
     *
     * @throws StorageException {@link RpcError#METHOD_NOT_FOUND}, {@link RpcError#INVALID_PARAMS} or what the method says; a
     *     method that throws anything else gives {@link RpcError#INTERNAL_ERROR}; of a change, what {@link ChangeJournal}
     *     throws, or EAGAIN when there was none for 30 s
     */
    Object call(String name, Map<String, Object> parameters) throws StorageException;

    /**
     * The same for somebody who hears how far a long method has come, and may end it. A registry that has no long methods
     * tells nothing. On behalf of a {@linkplain RpcCaller#user user} it asks for the method's role, and a call that may change
     * something is told to the log, as are those that it makes in turn.
     *
     * @throws StorageException as above; EACCES when the user's role does not reach
     */
    default Object call(String name, Map<String, Object> parameters, RpcCaller caller) throws StorageException {
        return call(name, parameters);
    }

    /**
     * Calls a method for what is part of the saved state already: nothing is kept, and nothing waited for.
     *
     * @throws StorageException as {@link #call}, but for what concerns the journal
     */
    Object replay(String name, Map<String, Object> parameters) throws StorageException;

    /** The layers' states as calls, sorted so that each comes after those it needs. */
    List<ConfigSource> configSources();

    /**
     * Runs {@code listener} after each change of the methods, until the result is closed. It runs on the thread that made the
     * change and must not block.
     */
    Watch watch(Runnable listener);

    /** Tells of layers that come and go until the result is closed. A registry whose layers stay tells nothing. */
    default Watch watchLayers(LayerListener listener) {
        return () -> {};
    }

    /** Hears of the layers that have a state of their own. */
    @ConsumerType
    interface LayerListener {
        /**
         * A layer goes: no change is under way, its own methods are gone, and it can be asked for its calls for the last time. On
         * the thread that stops it, which waits for a while. A layer of which that cannot be said goes untold.
         */
        void leaving(ConfigSource source);

        /** A layer has come. On the thread that starts it; must not block. */
        void arrived(ConfigSource source);
    }

    /** A listener's place in the registry. */
    interface Watch extends AutoCloseable {
        @Override
        void close();
    }
}
