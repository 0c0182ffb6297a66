package dev.karst.rpc;

import dev.karst.base.StorageException;
import java.util.ArrayList;
import java.util.List;

/**
 * One management verb, with all that the fronts need: JSON-RPC calls it by {@code name}, the shell as {@code
 * scope:command}.
 *
 * @param name as SPDK has it, else ours
 * @param scope the shell's scope, such as {@code bdev}
 * @param command the shell's command within the scope, such as {@code create-malloc}
 * @param doc one sentence, without a full stop
 * @param parameters in the order in which the shell takes them
 * @param columns for a method that gives a list of objects: the fields that a table shows; a path of names with dots
 * @param role what a caller must be
 * @param relaxed whether parameters that are not known are passed over, as SPDK does in places, instead of refused
 * @param runsLong whether it tells its progress and can be cancelled
 * @param saved whether what a call changes belongs to the saved state and comes back after a restart
 * @param effect what a call makes or sets that lasts; null for nothing
 * @param handler what it does
 */
public record RpcMethod(
    String name, String scope, String command, String doc, List<RpcParameter> parameters, List<Column> columns, Role role,
    boolean relaxed, boolean runsLong, boolean saved, Effect effect, Handler handler) {
    /** What a caller may do; each includes those before it. */
    public enum Role {
        VIEWER,
        OPERATOR,
        ADMIN
    }

    /** A column of a table: its heading and where its value lies in each object. */
    public record Column(String heading, String path) {}

    /** What a method does. Control threads; may block. */
    @FunctionalInterface
    public interface Handler {
        /**
         * Runs the method.
         *
         * @param call its checked parameters
         * @return its result, a plain value
         * @throws StorageException with a negative errno or a code of {@link RpcError}
         */
        Object call(RpcCall call) throws StorageException;
    }

    /** Begins the description of a method that changes something. */
    public static Builder named(String name, String scope, String command, String doc) {
        return new Builder(name, scope, command, doc);
    }

    /** A method in the making. */
    public static final class Builder {
        private final String name;
        private final String scope;
        private final String command;
        private final String doc;
        private final List<RpcParameter> parameters = new ArrayList<>();
        private final List<Column> columns = new ArrayList<>();
        private Role role = Role.OPERATOR;
        private boolean relaxed;
        private boolean runsLong;
        private boolean saved;
        private Effect effect;

        private Builder(String name, String scope, String command, String doc) {
            this.name = name;
            this.scope = scope;
            this.command = command;
            this.doc = doc;
        }

        public Builder takes(RpcParameter... these) {
            parameters.addAll(List.of(these));
            return this;
        }

        /** Adds a column to the table that the shell shows. */
        public Builder shows(String heading, String path) {
            columns.add(new Column(heading, path));
            return this;
        }

        /** The caller must be at least this; without it, an operator. */
        public Builder by(Role role) {
            this.role = role;
            return this;
        }

        /** It only looks. */
        public Builder readOnly() {
            return by(Role.VIEWER);
        }

        public Builder relaxed() {
            relaxed = true;
            return this;
        }

        public Builder runsLong() {
            runsLong = true;
            return this;
        }

        /**
         * A successful call changes the saved state: it is durable before it is answered, and made again at the next start. The
         * handler {@linkplain RpcCall#settle settles} what it chose by itself. Calls of such methods run one after the other.
         */
        public Builder saved() {
            saved = true;
            return this;
        }

        /** What it does lasts, and is compared and undone like this. */
        public Builder with(Effect effect) {
            this.effect = effect;
            return this;
        }

        public RpcMethod does(Handler handler) {
            return new RpcMethod(name, scope, command, doc, List.copyOf(parameters), List.copyOf(columns), role, relaxed,
                runsLong, saved, effect, handler);
        }
    }
}
