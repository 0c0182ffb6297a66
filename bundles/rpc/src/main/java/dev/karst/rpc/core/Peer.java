package dev.karst.rpc.core;

import dev.karst.rpc.RpcMethod.Role;
import dev.karst.rpc.RpcUser;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;

/** Who is at the other end of a unix socket. */
final class Peer {
    /** Where the user has no name, the system gives the number. */
    private static final Set<String> SUPER_USER = Set.of("root", "0");

    private Peer() {}

    /** The peer as a user that may do all, if it is the server's own user or root; else nobody. */
    static Optional<RpcUser> user(SocketChannel channel, UserPrincipal own) throws IOException {
        UserPrincipal user = channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
        return user(user, own);
    }

    static Optional<RpcUser> user(UserPrincipal user, UserPrincipal own) {
        boolean trusted = user.equals(own) || SUPER_USER.contains(user.getName());
        return trusted ? Optional.of(new RpcUser(user.getName(), "socket", Role.ADMIN)) : Optional.empty();
    }
}
