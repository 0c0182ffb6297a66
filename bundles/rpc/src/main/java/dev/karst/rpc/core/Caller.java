package dev.karst.rpc.core;

import dev.karst.rpc.RpcMethod.Role;

/**
 * Who calls.
 *
 * @param name of the user
 * @param transport how the call came, in a word for the log
 * @param role what the user may do
 */
public record Caller(String name, String transport, Role role) {}
