package dev.karst.nvme.core.identify;

import dev.karst.base.StorageException;
import dev.karst.nvme.AnaState;
import dev.karst.nvme.ControllerData;
import dev.karst.spec.nvme.GetLogPageCommand;
import dev.karst.spec.nvme.log.AnaGroupDescriptor;
import dev.karst.spec.nvme.log.AnaLog;
import java.util.HashMap;
import java.util.Map;

/** Reads the Asymmetric Namespace Access log page. NVMe Base 2.1, 5.1.12.1.13. */
public final class AnaReader {
    private static final int MOST_GROUPS = 4096;

    private AnaReader() {}

    /**
     * The state of each group.
     *
     * @param ana what the controller says of its groups
     */
    public static Map<Long, AnaState> read(Admin admin, ControllerData.Ana ana) throws StorageException {
        int most = Math.clamp(ana.groupIds(), 1, MOST_GROUPS);
        int bytes = AnaLog.BYTES + most * AnaGroupDescriptor.BYTES;
        return admin.log(GetLogPageCommand.LID_ANA, AnaLog.LSP_GROUPS_ONLY, bytes, (result, address) -> {
            Map<Long, AnaState> states = new HashMap<>();
            int groups = Math.min(most, AnaLog.NAGD.get(address));
            for (int i = 0; i < groups; i++) {
                long group = address + AnaLog.BYTES + (long) i * AnaGroupDescriptor.BYTES;
                states.put(AnaGroupDescriptor.AGID.get(group), AnaState.of(AnaGroupDescriptor.ANAS.get(group) & 0xf));
            }
            return Map.copyOf(states);
        });
    }
}
