package dev.karst.nvme.core.link;

import dev.karst.env.Environment;
import dev.karst.nvme.ControllerOptions;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.UUID;

/**
 * Who this host is to a controller. NVMe Base 2.1, 5.1.25.1.28.
 *
 * @param nqn host NQN
 * @param id host identifier, 16 bytes
 */
public record HostIdentity(String nqn, byte[] id) {
    private static final int ID_BYTES = 16;

    /** From the options, or else from what tells this machine from others, or else new. */
    public static HostIdentity of(ControllerOptions options, Environment environment) {
        String machine = environment.machineId();
        UUID own = machine.isEmpty()
            ? environment.newUuid() : UUID.nameUUIDFromBytes(("karst " + machine).getBytes(StandardCharsets.UTF_8));
        String nqn = options.hostNqn().isEmpty() ? "nqn.2014-08.org.nvmexpress:uuid:" + own : options.hostNqn();
        UUID named = options.hostNqn().isEmpty() ? own : UUID.nameUUIDFromBytes(nqn.getBytes(StandardCharsets.UTF_8));
        String digits = options.hostId().replace("-", "");
        byte[] id = digits.length() == 2 * ID_BYTES ? HexFormat.of().parseHex(digits) : bytes(named);
        return new HostIdentity(nqn, id);
    }

    private static byte[] bytes(UUID uuid) {
        return HexFormat.of().parseHex(uuid.toString().replace("-", ""));
    }
}
