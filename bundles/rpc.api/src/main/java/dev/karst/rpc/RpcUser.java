package dev.karst.rpc;

import dev.karst.rpc.RpcMethod.Role;

/**
 * A person or program that calls methods.
 *
 * @param name of the user
 * @param way how the calls come, in a word for the log
 * @param role what the user may do
 */
public record RpcUser(String name, String way, Role role) {}
