package dev.karst.iscsi.login;

/** Where secrets are. Control threads. */
@FunctionalInterface
public interface Secrets {
    /** The secret of a key's name, which the caller overwrites; null when it cannot be had, which the log says. */
    byte[] read(String key);
}
