package dev.karst.itests;

/** What a test's instance plays at its start: it makes {@code disk0} and serves that by NVMe/TCP. */
public final class SavedConfiguration {
    /** A file that makes nothing. */
    public static final String EMPTY = "{\"subsystems\": []}";

    private SavedConfiguration() {}

    /**
     * A file for {@code etc/karst.json}.
     *
     * @param port of the listener on 127.0.0.1
     * @param nqn of the subsystem
     * @param method that makes disk0
     * @param parameters of that method besides the name, as members of a JSON object
     */
    public static String serving(int port, String nqn, String method, String parameters) {
        return serving(port, nqn, method, parameters, "");
    }

    /** The same with more members of the namespace's object, each with a comma before it. */
    public static String serving(int port, String nqn, String method, String parameters, String namespace) {
        return """
            {"subsystems": [
              {"subsystem": "bdev", "config": [
                {"method": "%3$s", "params": {"name": "disk0", %4$s}}]},
              {"subsystem": "nvmf", "config": [
                {"method": "nvmf_create_transport", "params": {"trtype": "TCP"}},
                {"method": "nvmf_create_subsystem", "params": {
                  "nqn": "%1$s", "allow_any_host": true, "serial_number": "KARSTTEST", "model_number": "Karst",
                  "ana_reporting": true}},
                {"method": "nvmf_subsystem_add_ns", "params": {
                  "nqn": "%1$s", "namespace": {"nsid": 1, "bdev_name": "disk0"%5$s}}},
                {"method": "nvmf_subsystem_add_listener", "params": {"nqn": "%1$s", "listen_address": {
                  "trtype": "TCP", "adrfam": "IPv4", "traddr": "127.0.0.1", "trsvcid": "%2$d"}}}]}]}
            """.formatted(nqn, port, method, parameters, namespace);
    }

    /** A block device of that method and parameters, served by iSCSI on the loopback as LUN 0 of a target to whoever asks. */
    public static String servingIscsi(int port, String iqn, String method, String parameters) {
        return """
            {"subsystems": [
              {"subsystem": "bdev", "config": [
                {"method": "%3$s", "params": {"name": "disk0", %4$s}}]},
              {"subsystem": "iscsi", "config": [
                {"method": "iscsi_create_portal_group", "params": {
                  "tag": 1, "portals": [{"host": "127.0.0.1", "port": "%2$d"}]}},
                {"method": "iscsi_create_initiator_group", "params": {"tag": 1, "initiators": ["ANY"], "netmasks": ["ANY"]}},
                {"method": "iscsi_create_target_node", "params": {
                  "name": "%1$s", "alias_name": "", "queue_depth": 64, "disable_chap": true,
                  "luns": [{"lun_id": 0, "bdev_name": "disk0"}], "pg_ig_maps": [{"pg_tag": 1, "ig_tag": 1}]}}]}]}
            """.formatted(iqn, port, method, parameters);
    }

    /** A block device of that method and parameters, served by vhost-user-blk under its own name. */
    public static String servingVhost(String method, String parameters, boolean packed) {
        return """
            {"subsystems": [
              {"subsystem": "bdev", "config": [
                {"method": "%1$s", "params": {"name": "disk0", %2$s}}]},
              {"subsystem": "vhost_blk", "config": [
                {"method": "vhost_create_blk_controller", "params": {
                  "ctrlr": "disk0", "dev_name": "disk0", "packed_ring": %3$s}}]}]}
            """.formatted(method, parameters, packed);
    }

    /** A block device of that method and parameters, served as target 0 of the vhost-user-scsi controller vs0. */
    public static String servingVhostScsi(String method, String parameters) {
        return """
            {"subsystems": [
              {"subsystem": "bdev", "config": [
                {"method": "%1$s", "params": {"name": "disk0", %2$s}}]},
              {"subsystem": "vhost_scsi", "config": [
                {"method": "vhost_create_scsi_controller", "params": {"ctrlr": "vs0", "delay": true}},
                {"method": "vhost_scsi_controller_add_target", "params": {
                  "ctrlr": "vs0", "scsi_target_num": 0, "bdev_name": "disk0"}},
                {"method": "vhost_start_scsi_controller", "params": {"ctrlr": "vs0"}}]}]}
            """.formatted(method, parameters);
    }
}
