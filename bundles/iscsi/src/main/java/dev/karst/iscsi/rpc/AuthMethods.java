package dev.karst.iscsi.rpc;

import dev.karst.iscsi.IscsiTarget;
import dev.karst.iscsi.model.AuthGroup.Secret;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.util.List;

/** The methods about secrets. What SPDK takes as a secret is the name of a key here. */
final class AuthMethods {
    private static final RpcParameter[] SECRET = {
        RpcParameter.required("user", Type.STRING, "What the initiator calls itself"),
        RpcParameter.required("secret", Type.STRING, "Name of the key that it knows").hidden(),
        RpcParameter.optional("muser", Type.STRING, "What the target calls itself"),
        RpcParameter.optional("msecret", Type.STRING, "Name of the key by which it says so").hidden()
    };

    private static final RpcParameter TAG = Arguments.TAG.of(Kind.AUTH_GROUP);

    private final IscsiTarget target;

    AuthMethods(IscsiTarget target) {
        this.target = target;
    }

    List<RpcMethod> methods() {
        return List.of(create(), delete(), list(), add(), remove());
    }

    private static Secret secret(RpcCall call) {
        return new Secret(call.string("user"), call.string("secret"), call.string("muser", ""), call.string("msecret", ""));
    }

    private RpcMethod create() {
        return RpcMethod.named("iscsi_create_auth_group", "iscsi", "auth-group-create", "Makes a group of secrets for CHAP")
            .takes(Arguments.TAG, RpcParameter.optional("secrets", Type.LIST, "Secrets").holding(SECRET))
            .saved()
            .with(Effect.made("iscsi_delete_auth_group", "tag"))
            .does(call -> {
                target.auth.create(Arguments.number(call, "tag", 0),
                    Arguments.objects(call, "secrets").stream().map(AuthMethods::secret).toList());
                return true;
            });
    }

    private RpcMethod delete() {
        return RpcMethod.named("iscsi_delete_auth_group", "iscsi", "auth-group-delete", "Deletes a group of secrets")
            .takes(TAG)
            .saved()
            .does(call -> {
                target.auth.delete(Arguments.number(call, "tag", 0));
                return true;
            });
    }

    private RpcMethod list() {
        return RpcMethod.named("iscsi_get_auth_groups", "iscsi", "auth-group-list", "Lists groups of secrets: names of keys")
            .shows("TAG", "tag").shows("USERS", "secrets.user").shows("KEYS", "secrets.secret")
            .readOnly()
            .does(_ -> target.catalogue().authGroups().values().stream().map(IscsiJson::authGroup).toList());
    }

    private RpcMethod add() {
        return RpcMethod.named("iscsi_auth_group_add_secret", "iscsi", "secret-add", "Adds a secret to a group")
            .takes(TAG).takes(SECRET)
            .saved()
            .does(call -> {
                target.auth.add(Arguments.number(call, "tag", 0), secret(call));
                return true;
            });
    }

    private RpcMethod remove() {
        return RpcMethod.named("iscsi_auth_group_remove_secret", "iscsi", "secret-remove", "Takes a secret out of a group")
            .takes(TAG, RpcParameter.required("user", Type.STRING, "Whose secret"))
            .saved()
            .does(call -> {
                target.auth.remove(Arguments.number(call, "tag", 0), call.string("user"));
                return true;
            });
    }
}
