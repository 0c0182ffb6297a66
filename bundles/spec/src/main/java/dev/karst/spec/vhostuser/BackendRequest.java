package dev.karst.spec.vhostuser;

/** Messages of the back-end, on a channel of its own. vhost-user, Back-end message types. */
public final class BackendRequest {
    public static final int CONFIG_CHANGE_MSG = 2;

    private BackendRequest() {}
}
