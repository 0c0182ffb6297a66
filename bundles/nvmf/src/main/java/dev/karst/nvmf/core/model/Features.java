package dev.karst.nvmf.core.model;

import dev.karst.base.Mem;
import dev.karst.base.StateReader;
import dev.karst.base.StateWriter;
import dev.karst.base.StorageException;
import dev.karst.spec.nvme.FeaturesCommand;
import dev.karst.spec.nvme.HostBehaviorSupport;
import dev.karst.spec.nvme.NvmeStatus;
import java.util.Arrays;

/** The features of a controller, and the commands that get and set them. NVMe Base 2.1, 5.1.11 and 5.1.25. */
public final class Features {
    /** Granularity of the Keep Alive timer: 10 s. */
    public static final int KAS_MS = 10_000;
    /** What a discovery controller gets whose host asks for no Keep Alive, so that it goes when it is forgotten. */
    private static final long DISCOVERY_KATO_MS = 120_000;

    private static final int CHANGEABLE = 4;
    private static final int HOST_ID_EXTENDED = 1;
    private static final int HOST_ID_BYTES = 16;
    private static final int OVER_TEMPERATURE = 0xffff;
    private static final int THRESHOLD_TYPE_SHIFT = 20;
    private static final int POWER_STATE_MASK = 0x1f;
    private static final int INVALID_FIELD = NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
    private static final int STORED = 16;

    private final Controller controller;
    private long katoMs;
    private final long initialKatoMs;
    /** Features that the host sets and gets back, and nothing more, by identifier. */
    private final long[] stored = new long[STORED];
    /** Over- and under-temperature threshold. */
    private final int[] thresholds = new int[2];
    /** Of Host Behavior Support. */
    private int retriesWithDelays;
    private volatile boolean extendedFormats;

    public Features(Controller controller, long katoMs) {
        this.controller = controller;
        this.katoMs = katoMs == 0 && controller.subsystem.discovery ? DISCOVERY_KATO_MS : rounded(katoMs);
        initialKatoMs = this.katoMs;
        reset();
    }

    /** What the host set is forgotten; the Keep Alive time is Connect's and stays. */
    public void reset() {
        Arrays.fill(stored, 0);
        thresholds[0] = OVER_TEMPERATURE;
        thresholds[1] = 0;
        retriesWithDelays = 0;
        extendedFormats = false;
        controller.events.enable(0);
    }

    /** Writes what the host set. */
    void save(StateWriter state) {
        state.number(katoMs);
        for (long value : stored) {
            state.number(value);
        }
        state.number(thresholds[0]).number(thresholds[1]).number(retriesWithDelays).flag(extendedFormats);
    }

    /** Goes on from what was saved. */
    void restore(StateReader state) throws StorageException {
        katoMs = state.number(0, Integer.MAX_VALUE);
        for (int i = 0; i < STORED; i++) {
            stored[i] = state.number();
        }
        thresholds[0] = state.number(0, OVER_TEMPERATURE);
        thresholds[1] = state.number(0, OVER_TEMPERATURE);
        retriesWithDelays = state.number(0, 1);
        extendedFormats = state.flag();
    }

    /** Keep Alive timeout in milliseconds that came with Connect; 0 for none. */
    public long initialKatoMs() {
        return initialKatoMs;
    }

    /** Keep Alive timeout in milliseconds; 0 for none. */
    public long katoMs() {
        return katoMs;
    }

    /** Whether the host said that it knows protection information with guards of 32 and 64 bits. Any thread. */
    public boolean knowsExtendedFormats() {
        return extendedFormats;
    }

    private static long rounded(long ms) {
        return (ms + KAS_MS - 1) / KAS_MS * KAS_MS;
    }

    public void get(Command command) {
        int select = FeaturesCommand.SEL.get(command.sqe());
        int feature = FeaturesCommand.FID.get(command.sqe());
        if (!supports(feature) || select > FeaturesCommand.SEL_CAPABILITIES) {
            command.finish(INVALID_FIELD);
        } else if (select == FeaturesCommand.SEL_CAPABILITIES) {
            command.succeed(feature == FeaturesCommand.FID_HOST_IDENTIFIER ? 0 : CHANGEABLE);
        } else if (feature == FeaturesCommand.FID_HOST_IDENTIFIER) {
            getHostIdentifier(command);
        } else if (feature == FeaturesCommand.FID_HOST_BEHAVIOR_SUPPORT) {
            getHostBehavior(command, select == FeaturesCommand.SEL_CURRENT);
        } else {
            long value = select == FeaturesCommand.SEL_CURRENT ? value(feature, command.sqe())
                : initial(feature, command.sqe());
            command.succeed(value & 0xffff_ffffL);
        }
    }

    /** Whether the controller has the feature. */
    public boolean supports(int feature) {
        return switch (feature) {
            case FeaturesCommand.FID_ASYNC_EVENT_CONFIGURATION, FeaturesCommand.FID_KEEP_ALIVE_TIMER -> true;
            case FeaturesCommand.FID_ARBITRATION, FeaturesCommand.FID_POWER_MANAGEMENT,
                FeaturesCommand.FID_TEMPERATURE_THRESHOLD, FeaturesCommand.FID_ERROR_RECOVERY,
                FeaturesCommand.FID_VOLATILE_WRITE_CACHE, FeaturesCommand.FID_NUMBER_OF_QUEUES,
                FeaturesCommand.FID_WRITE_ATOMICITY, FeaturesCommand.FID_HOST_BEHAVIOR_SUPPORT,
                FeaturesCommand.FID_HOST_IDENTIFIER ->
                !controller.subsystem.discovery;
            default -> false;
        };
    }

    private long value(int feature, long sqe) {
        return switch (feature) {
            case FeaturesCommand.FID_VOLATILE_WRITE_CACHE -> 1;
            case FeaturesCommand.FID_NUMBER_OF_QUEUES -> queues();
            case FeaturesCommand.FID_ASYNC_EVENT_CONFIGURATION -> controller.events.enabled();
            case FeaturesCommand.FID_KEEP_ALIVE_TIMER -> katoMs;
            case FeaturesCommand.FID_TEMPERATURE_THRESHOLD -> thresholds[thresholdType(sqe)];
            default -> stored[feature];
        };
    }

    /** What holds after a reset; nothing can be saved, so the saved value is the same. */
    private long initial(int feature, long sqe) {
        return switch (feature) {
            case FeaturesCommand.FID_VOLATILE_WRITE_CACHE -> 1;
            case FeaturesCommand.FID_NUMBER_OF_QUEUES -> queues();
            case FeaturesCommand.FID_KEEP_ALIVE_TIMER -> initialKatoMs;
            case FeaturesCommand.FID_TEMPERATURE_THRESHOLD -> thresholdType(sqe) == 0 ? OVER_TEMPERATURE : 0;
            default -> 0;
        };
    }

    private long queues() {
        long most = controller.maxIoQueues() - 1L;
        return most << 16 | most;
    }

    private static int thresholdType(long sqe) {
        return FeaturesCommand.CDW11.getInt(sqe) >>> THRESHOLD_TYPE_SHIFT & 1;
    }

    private void getHostIdentifier(Command command) {
        if ((FeaturesCommand.CDW11.getInt(command.sqe()) & HOST_ID_EXTENDED) == 0) {
            command.finish(NvmeStatus.HOST_IDENTIFIER_INCONSISTENT_FORMAT | NvmeStatus.DNR);
            return;
        }
        long page = command.queue.group.page;
        Mem.setLong(page, Long.reverseBytes(controller.hostId.getMostSignificantBits()));
        Mem.setLong(page + Long.BYTES, Long.reverseBytes(controller.hostId.getLeastSignificantBits()));
        command.answer(page, HOST_ID_BYTES);
    }

    private void getHostBehavior(Command command, boolean current) {
        long page = command.queue.group.page;
        Mem.fill(page, HostBehaviorSupport.BYTES, (byte) 0);
        if (current) {
            HostBehaviorSupport.ACRE.set(page, retriesWithDelays);
            HostBehaviorSupport.LBAFEE.set(page, extendedFormats ? 1 : 0);
        }
        command.answer(page, HostBehaviorSupport.BYTES);
    }

    /** What it says of telemetry, dispersed namespaces and further Copy formats is about what Karst does not have. */
    private int setHostBehavior(Command command) {
        if (command.request.length < HostBehaviorSupport.BYTES) {
            return NvmeStatus.DATA_SGL_LENGTH_INVALID | NvmeStatus.DNR;
        }
        long page = command.queue.group.page;
        command.request.data.copyTo(0, page, HostBehaviorSupport.BYTES);
        if (HostBehaviorSupport.ACRE.get(page) > 1 || HostBehaviorSupport.LBAFEE.get(page) > 1) {
            return INVALID_FIELD;
        }
        retriesWithDelays = HostBehaviorSupport.ACRE.get(page);
        extendedFormats = HostBehaviorSupport.LBAFEE.get(page) != 0;
        return NvmeStatus.SUCCESSFUL_COMPLETION;
    }

    public void set(Command command) {
        long sqe = command.sqe();
        int feature = FeaturesCommand.FID.get(sqe);
        if (FeaturesCommand.SV.get(sqe) != 0) {
            command.finish(NvmeStatus.FEATURE_IDENTIFIER_NOT_SAVEABLE | NvmeStatus.DNR);
        } else if (!supports(feature)) {
            command.finish(INVALID_FIELD);
        } else {
            int status = feature == FeaturesCommand.FID_HOST_BEHAVIOR_SUPPORT ? setHostBehavior(command)
                : set(feature, FeaturesCommand.CDW11.getInt(sqe), sqe);
            if (status != NvmeStatus.SUCCESSFUL_COMPLETION) {
                command.finish(status);
            } else {
                command.succeed(feature == FeaturesCommand.FID_NUMBER_OF_QUEUES ? queues() : 0);
            }
        }
    }

    private int set(int feature, int value, long sqe) {
        return switch (feature) {
            case FeaturesCommand.FID_ASYNC_EVENT_CONFIGURATION -> {
                controller.events.enable(value);
                yield NvmeStatus.SUCCESSFUL_COMPLETION;
            }
            case FeaturesCommand.FID_KEEP_ALIVE_TIMER -> setKeepAlive(value & 0xffff_ffffL);
            case FeaturesCommand.FID_NUMBER_OF_QUEUES -> setQueues(value);
            case FeaturesCommand.FID_VOLATILE_WRITE_CACHE -> (value & 1) != 0
                ? NvmeStatus.SUCCESSFUL_COMPLETION
                : NvmeStatus.FEATURE_NOT_CHANGEABLE | NvmeStatus.DNR;
            case FeaturesCommand.FID_POWER_MANAGEMENT ->
                (value & POWER_STATE_MASK) == 0 ? store(feature, value) : INVALID_FIELD;
            case FeaturesCommand.FID_ERROR_RECOVERY -> value >>> 16 == 0 ? store(feature, value) : INVALID_FIELD;
            case FeaturesCommand.FID_TEMPERATURE_THRESHOLD -> {
                thresholds[thresholdType(sqe)] = value & 0xffff;
                yield NvmeStatus.SUCCESSFUL_COMPLETION;
            }
            case FeaturesCommand.FID_HOST_IDENTIFIER -> NvmeStatus.COMMAND_SEQUENCE_ERROR | NvmeStatus.DNR;
            default -> store(feature, value);
        };
    }

    private int store(int feature, int value) {
        stored[feature] = value;
        return NvmeStatus.SUCCESSFUL_COMPLETION;
    }

    private int setKeepAlive(long ms) {
        if (ms == 0) {
            return NvmeStatus.KEEP_ALIVE_TIMEOUT_INVALID | NvmeStatus.DNR;
        }
        katoMs = rounded(ms);
        controller.keepAlive();
        return NvmeStatus.SUCCESSFUL_COMPLETION;
    }

    private int setQueues(int value) {
        if ((value & 0xffff) == 0xffff || value >>> 16 == 0xffff) {
            return INVALID_FIELD;
        } else if (controller.ioQueueCount() > 0) {
            return NvmeStatus.COMMAND_SEQUENCE_ERROR | NvmeStatus.DNR;
        }
        return NvmeStatus.SUCCESSFUL_COMPLETION;
    }
}
