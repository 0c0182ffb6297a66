package dev.karst.iscsi.rpc;

import dev.karst.iscsi.model.AuthGroup;
import dev.karst.iscsi.model.InitiatorGroup;
import dev.karst.iscsi.model.IscsiOptions;
import dev.karst.iscsi.model.Netmask;
import dev.karst.iscsi.model.Portal;
import dev.karst.iscsi.model.PortalGroup;
import dev.karst.iscsi.model.TargetNode;
import dev.karst.iscsi.model.TargetNode.Access;
import dev.karst.scsi.ScsiDevice;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The target's objects as plain values, in SPDK's words and order. */
final class IscsiJson {
    private IscsiJson() {}

    static Map<String, Object> options(IscsiOptions options) {
        var map = new LinkedHashMap<String, Object>();
        map.put("node_base", options.nodeBase());
        map.put("max_sessions", (long) options.maxSessions());
        map.put("max_connections_per_session", (long) options.maxConnectionsPerSession());
        map.put("max_queue_depth", (long) options.maxQueueDepth());
        map.put("default_time2wait", (long) options.defaultTime2Wait());
        map.put("default_time2retain", (long) options.defaultTime2Retain());
        map.put("first_burst_length", (long) options.firstBurstLength());
        map.put("immediate_data", options.immediateData());
        map.put("allow_duplicated_isid", false);
        map.put("error_recovery_level", 0L);
        map.put("nop_timeout", (long) options.nopTimeoutS());
        map.put("nop_in_interval", (long) options.nopInIntervalS());
        map.putAll(Arguments.plain(options.discoveryAuth()));
        map.put("max_large_datain_per_connection", (long) options.pools().largeDataIn());
        map.put("max_r2t_per_connection", (long) options.maxR2tPerConnection());
        map.put("pdu_pool_size", (long) options.pools().pdus());
        map.put("immediate_data_pool_size", (long) options.pools().immediateData());
        map.put("data_out_pool_size", (long) options.pools().dataOut());
        return map;
    }

    static Map<String, Object> portalGroup(PortalGroup group) {
        var map = new LinkedHashMap<String, Object>();
        map.put("tag", (long) group.tag());
        map.put("portals", group.portals().stream().map(IscsiJson::portal).toList());
        map.put("private", group.isPrivate());
        return map;
    }

    private static Map<String, Object> portal(Portal portal) {
        var map = new LinkedHashMap<String, Object>();
        map.put("host", portal.host());
        map.put("port", Integer.toString(portal.port()));
        return map;
    }

    static Map<String, Object> initiatorGroup(InitiatorGroup group) {
        var map = new LinkedHashMap<String, Object>();
        map.put("tag", (long) group.tag());
        map.put("initiators", group.initiators());
        map.put("netmasks", group.netmasks().stream().map(Netmask::text).toList());
        return map;
    }

    static Map<String, Object> authGroup(AuthGroup group) {
        var map = new LinkedHashMap<String, Object>();
        map.put("tag", (long) group.tag());
        map.put("secrets", group.secrets().stream().map(IscsiJson::secret).toList());
        return map;
    }

    /** Names of keys, not what they hold. */
    private static Map<String, Object> secret(AuthGroup.Secret secret) {
        var map = new LinkedHashMap<String, Object>();
        map.put("user", secret.user());
        map.put("secret", secret.key());
        if (secret.isMutual()) {
            map.put("muser", secret.mutualUser());
            map.put("msecret", secret.mutualKey());
        }
        return map;
    }

    static Map<String, Object> node(TargetNode node) {
        var map = new LinkedHashMap<String, Object>();
        map.put("name", node.name());
        map.put("alias_name", node.spec.alias());
        map.put("pg_ig_maps", node.maps().stream().map(IscsiJson::access).toList());
        map.put("luns", units(node.device.units()));
        map.put("queue_depth", (long) node.spec.queueDepth());
        map.putAll(Arguments.plain(node.auth()));
        map.put("header_digest", node.spec.headerDigest());
        map.put("data_digest", node.spec.dataDigest());
        return map;
    }

    private static Map<String, Object> access(Access map) {
        var plain = new LinkedHashMap<String, Object>();
        plain.put("pg_tag", (long) map.portalGroup());
        plain.put("ig_tag", (long) map.initiatorGroup());
        return plain;
    }

    private static List<Map<String, Object>> units(List<ScsiDevice.Unit> units) {
        return units.stream().<Map<String, Object>>map(unit -> {
            var map = new LinkedHashMap<String, Object>();
            map.put("bdev_name", unit.bdev());
            map.put("lun_id", (long) unit.lun());
            return map;
        }).toList();
    }
}
