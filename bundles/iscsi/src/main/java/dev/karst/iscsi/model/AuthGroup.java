package dev.karst.iscsi.model;

import java.util.List;
import java.util.Optional;

/** Secrets by which initiators say who they are. */
public record AuthGroup(int tag, List<Secret> secrets) {
    /** Most secrets of a group. */
    public static final int MAX_SECRETS = 64;

    /**
     * A user and the names of keys.
     *
     * @param user what the initiator calls itself
     * @param key the name of the key that the initiator knows
     * @param mutualUser what the target calls itself; empty when it says nothing
     * @param mutualKey the name of the key by which it does; empty when it says nothing
     */
    public record Secret(String user, String key, String mutualUser, String mutualKey) {
        public boolean isMutual() {
            return !mutualUser.isEmpty();
        }
    }

    public AuthGroup {
        secrets = List.copyOf(secrets);
    }

    /** The secret of a user. */
    public Optional<Secret> of(String user) {
        return secrets.stream().filter(secret -> secret.user.equals(user)).findFirst();
    }
}
