package dev.karst.nvme.testkit.admin;

import dev.karst.nvme.testkit.command.SimCommand;
import dev.karst.nvme.testkit.controller.ControllerState;
import dev.karst.nvme.testkit.controller.FeatureStore;
import dev.karst.spec.nvme.FeaturesCommand;
import dev.karst.spec.nvme.NvmeStatus;

/** The Get Features and Set Features commands. NVMe Base 2.1, 5.1.11 and 5.1.25. */
final class Features {
    private static final int INVALID_FIELD = NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
    private static final int HALF = 0xffff;
    private static final int CAPABILITIES = 4 | 1;
    private static final int EXTENDED_HOST = 1;
    private static final int SHORT_HOST = 8;
    private static final int LONG_HOST = 16;

    private final ControllerState state;
    private boolean queuesAreSet;

    Features(ControllerState state) {
        this.state = state;
    }

    void reset() {
        state.features.reset();
        queuesAreSet = false;
    }

    int get(SimCommand command) {
        FeatureStore store = state.features;
        int fid = FeaturesCommand.FID.get(command.sqe);
        if (!store.knows(fid)) {
            return INVALID_FIELD;
        }
        int select = FeaturesCommand.SEL.get(command.sqe);
        if (select > FeaturesCommand.SEL_CAPABILITIES) {
            return INVALID_FIELD;
        }
        if (select == FeaturesCommand.SEL_CAPABILITIES) {
            command.result = CAPABILITIES;
            return 0;
        }
        if (FeatureStore.DATA_BYTES.containsKey(fid)) {
            return state.data.toHost(command, store.data(fid));
        }
        boolean current = select == FeaturesCommand.SEL_CURRENT;
        int value = fid == FeaturesCommand.FID_NUMBER_OF_QUEUES ? granted() : current ? store.value(fid) : store.savedValue(fid);
        command.result = Integer.toUnsignedLong(value);
        return 0;
    }

    int set(SimCommand command) {
        int fid = FeaturesCommand.FID.get(command.sqe);
        if (!state.features.knows(fid)) {
            return INVALID_FIELD;
        }
        boolean save = FeaturesCommand.SV.get(command.sqe) == 1;
        if (FeatureStore.DATA_BYTES.containsKey(fid)) {
            return setData(command, fid);
        }
        int value = command.cdw11();
        if (fid == FeaturesCommand.FID_NUMBER_OF_QUEUES) {
            boolean invalid = (value & HALF) == HALF || value >>> 16 == HALF;
            if (invalid || queuesAreSet && state.hasIoQueues()) {
                return invalid ? INVALID_FIELD : NvmeStatus.COMMAND_SEQUENCE_ERROR | NvmeStatus.DNR;
            }
            queuesAreSet = true;
            command.result = granted();
            return 0;
        }
        state.features.set(fid, value, save);
        return 0;
    }

    private int granted() {
        int pairs = state.traits.queuePairs - 1;
        return pairs | pairs << 16;
    }

    private int setData(SimCommand command, int fid) {
        boolean host = fid == FeaturesCommand.FID_HOST_IDENTIFIER;
        boolean extended = (command.cdw11() & EXTENDED_HOST) != 0;
        byte[] value = new byte[host ? extended ? LONG_HOST : SHORT_HOST : FeatureStore.DATA_BYTES.get(fid)];
        int status = state.data.fromHost(command, value);
        if (status == 0) {
            state.features.setData(fid, value);
        }
        return status;
    }
}
