package dev.karst.iscsi;

import dev.karst.base.StorageException;
import dev.karst.iscsi.model.AuthGroup;
import dev.karst.iscsi.model.AuthGroup.Secret;
import dev.karst.iscsi.model.Catalogue;
import dev.karst.keyring.Keyring;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;

/** The groups of secrets, which are keys of the keyring by their names. Control threads. */
public final class AuthAdmin {
    private static final Logger LOG = System.getLogger(AuthAdmin.class.getName());
    /** RFC 7143, 9.2.1: 96 bits. */
    private static final int LEAST_BYTES = 12;
    private static final int MAX_USER = 255;

    private final IscsiTarget target;
    private final Keyring keyring;

    AuthAdmin(IscsiTarget target, Keyring keyring) {
        this.target = target;
        this.keyring = keyring;
    }

    public void create(int tag, List<Secret> secrets) throws StorageException {
        target.change(() -> {
            if (tag < 1) {
                throw IscsiTarget.invalid("tag is " + tag + ", and 0 stands for no group");
            }
            if (target.catalogue().authGroups().containsKey(tag)) {
                throw IscsiTarget.invalid("there is an auth group " + tag + " already");
            }
            AuthGroup group = new AuthGroup(tag, List.of());
            for (Secret secret : secrets) {
                group = with(group, secret);
            }
            publish(IscsiTarget.with(target.catalogue().authGroups(), tag, group));
            return null;
        });
    }

    private AuthGroup with(AuthGroup group, Secret secret) throws StorageException {
        if (secret.user().isEmpty() || secret.user().length() > MAX_USER) {
            throw IscsiTarget.invalid("a user has from 1 to " + MAX_USER + " characters");
        }
        if (group.of(secret.user()).isPresent()) {
            throw IscsiTarget.invalid("auth group " + group.tag() + " has a secret of " + secret.user() + " already");
        }
        if (group.secrets().size() >= AuthGroup.MAX_SECRETS) {
            throw IscsiTarget.invalid("an auth group has at most " + AuthGroup.MAX_SECRETS + " secrets");
        }
        if (secret.mutualUser().isEmpty() != secret.mutualKey().isEmpty()) {
            throw IscsiTarget.invalid("muser and msecret go together");
        }
        check(secret);
        List<Secret> secrets = new ArrayList<>(group.secrets());
        secrets.add(secret);
        return new AuthGroup(group.tag(), secrets);
    }

    /** The parameter may be a secret by mistake, so no message has it. */
    private void check(Secret secret) throws StorageException {
        byte[] own = key(secret.key(), "secret");
        try {
            checkMutual(secret, own);
        } finally {
            Arrays.fill(own, (byte) 0);
        }
    }

    private void checkMutual(Secret secret, byte[] own) throws StorageException {
        if (!secret.isMutual()) {
            return;
        }
        byte[] back = key(secret.mutualKey(), "msecret");
        boolean same = Arrays.equals(own, back);
        Arrays.fill(back, (byte) 0);
        if (same) {
            throw IscsiTarget.invalid("secret and msecret are the same; each would do for the other (RFC 7143, 9.2.1)");
        }
    }

    private byte[] key(String name, String parameter) throws StorageException {
        if (!keyring.has(name)) {
            throw IscsiTarget.invalid(parameter + " is to be the name of a key: write the secret to a file of mode 0600 and add it with "
                + "keyring_file_add_key");
        }
        byte[] key = trimmed(keyring.read(name));
        if (key.length < LEAST_BYTES) {
            Arrays.fill(key, (byte) 0);
            throw IscsiTarget.invalid("the key that " + parameter + " names has " + key.length + " bytes, and a secret has at least "
                + LEAST_BYTES);
        }
        return key;
    }

    /** A key without the end of line that an editor leaves. */
    private static byte[] trimmed(byte[] key) {
        int length = key.length;
        while (length > 0 && (key[length - 1] == '\n' || key[length - 1] == '\r')) {
            length--;
        }
        byte[] trimmed = Arrays.copyOf(key, length);
        Arrays.fill(key, (byte) 0);
        return trimmed;
    }

    /** A secret for a login, which overwrites it; null when it cannot be had. */
    byte[] secret(String name) {
        try {
            byte[] key = trimmed(keyring.read(name));
            if (key.length >= LEAST_BYTES) {
                return key;
            }
            Arrays.fill(key, (byte) 0);
            LOG.log(Level.WARNING, "key {0} has {1} bytes, too few for a secret: nobody logs in by it", name, key.length);
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "key {0} cannot be had, so nobody logs in by it: {1}", name, e.getMessage());
        }
        return null;
    }

    private void publish(SequencedMap<Integer, AuthGroup> groups) {
        Catalogue now = target.catalogue();
        target.publish(new Catalogue(now.options(), now.portalGroups(), now.initiatorGroups(), groups, now.nodes()));
    }

    private AuthGroup group(int tag) throws StorageException {
        AuthGroup group = target.catalogue().authGroups().get(tag);
        if (group == null) {
            throw IscsiTarget.missing("there is no auth group " + tag);
        }
        return group;
    }

    public void delete(int tag) throws StorageException {
        target.change(() -> {
            group(tag);
            publish(IscsiTarget.without(target.catalogue().authGroups(), tag));
            return null;
        });
    }

    public void add(int tag, Secret secret) throws StorageException {
        target.change(() -> {
            publish(IscsiTarget.with(target.catalogue().authGroups(), tag, with(group(tag), secret)));
            return null;
        });
    }

    public void remove(int tag, String user) throws StorageException {
        target.change(() -> {
            AuthGroup group = group(tag);
            if (group.of(user).isEmpty()) {
                throw IscsiTarget.missing("auth group " + tag + " has no secret of " + user);
            }
            List<Secret> left = group.secrets().stream().filter(secret -> !secret.user().equals(user)).toList();
            publish(IscsiTarget.with(target.catalogue().authGroups(), tag, new AuthGroup(tag, left)));
            return null;
        });
    }
}
