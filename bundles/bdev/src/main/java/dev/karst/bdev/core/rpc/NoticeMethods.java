package dev.karst.bdev.core.rpc;

import dev.karst.bdev.core.notice.Notices;
import dev.karst.bdev.core.notice.Notices.Kind;
import dev.karst.bdev.core.notice.Notices.Notice;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What happened to block devices and their modules. */
final class NoticeMethods {
    private final Notices notices;

    NoticeMethods(Notices notices) {
        this.notices = notices;
    }

    List<RpcMethod> methods() {
        return List.of(
            RpcMethod.named("notify_get_types", "bdev", "notice-types", "Lists what block devices and modules give notice of")
                .readOnly()
                .does(_ -> Arrays.stream(Kind.values()).map(NoticeMethods::word).toList()),
            RpcMethod.named("notify_get_notifications", "bdev", "notices",
                    "Lists what happened to block devices and modules, oldest first; the latest " + Notices.KEPT + " are kept")
                .takes(
                    RpcParameter.optional("id", Type.U64, "The first number to tell of").initially("0"),
                    RpcParameter.optional("max", Type.U64, "How many at most").initially("all"))
                .shows("ID", "id").shows("TYPE", "type").shows("NAME", "ctx")
                .readOnly()
                .does(this::list));
    }

    private Object list(RpcCall call) {
        return notices.from(call.number("id", 0), call.number("max", Long.MAX_VALUE)).stream().map(NoticeMethods::json)
            .toList();
    }

    private static Map<String, Object> json(Notice notice) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", word(notice.kind()));
        json.put("ctx", notice.name());
        json.put("id", notice.id());
        return json;
    }

    private static String word(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
