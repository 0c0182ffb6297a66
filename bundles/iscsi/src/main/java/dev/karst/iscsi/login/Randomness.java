package dev.karst.iscsi.login;

/** Bytes that nobody can foresee. Any thread. */
@FunctionalInterface
public interface Randomness {
    byte[] bytes(int count);
}
