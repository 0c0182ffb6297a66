package dev.karst.nvme.testkit.controller;

import dev.karst.spec.nvme.FeaturesCommand;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

/** Values of features: the current ones, and those that a reset brings back. */
public final class FeatureStore {
    /** Features with data, and how long it is. */
    public static final Map<Integer, Integer> DATA_BYTES = Map.of(
        FeaturesCommand.FID_HOST_BEHAVIOR_SUPPORT, 512, FeaturesCommand.FID_HOST_IDENTIFIER, 16, 0x0e, 8);
    /** Features that are a dword. */
    private static final Set<Integer> DWORDS = Set.of(
        FeaturesCommand.FID_ARBITRATION, FeaturesCommand.FID_POWER_MANAGEMENT, FeaturesCommand.FID_TEMPERATURE_THRESHOLD,
        FeaturesCommand.FID_ERROR_RECOVERY, FeaturesCommand.FID_VOLATILE_WRITE_CACHE, FeaturesCommand.FID_NUMBER_OF_QUEUES,
        FeaturesCommand.FID_INTERRUPT_COALESCING, FeaturesCommand.FID_INTERRUPT_VECTOR, FeaturesCommand.FID_WRITE_ATOMICITY,
        FeaturesCommand.FID_ASYNC_EVENT_CONFIGURATION, FeaturesCommand.FID_KEEP_ALIVE_TIMER,
        FeaturesCommand.FID_RESERVATION_MASK, FeaturesCommand.FID_RESERVATION_PERSISTENCE);

    private final Map<Integer, Integer> values = new HashMap<>();
    private final Map<Integer, Integer> saved = new HashMap<>();
    private final Map<Integer, byte[]> data = new HashMap<>();

    FeatureStore() {
        reset();
    }

    public boolean knows(int fid) {
        return DWORDS.contains(fid) || DATA_BYTES.containsKey(fid);
    }

    /** The current value, 0 where nothing else is known. */
    public int value(int fid) {
        return values.getOrDefault(fid, 0);
    }

    /** The value after a reset. */
    public int savedValue(int fid) {
        return saved.getOrDefault(fid, 0);
    }

    /** Sets it, for good if {@code save}. */
    public void set(int fid, int value, boolean save) {
        values.put(fid, value);
        if (save) {
            saved.put(fid, value);
        }
    }

    public byte[] data(int fid) {
        return data.getOrDefault(fid, new byte[DATA_BYTES.get(fid)]);
    }

    public void setData(int fid, byte[] value) {
        data.put(fid, value);
    }

    /** The host identifier in hexadecimal: 8 or 16 bytes as it was set. */
    public String host() {
        return HexFormat.of().formatHex(data(FeaturesCommand.FID_HOST_IDENTIFIER));
    }

    /** The controller was reset: what was not saved is forgotten. */
    public void reset() {
        values.clear();
        values.putAll(saved);
        values.putIfAbsent(FeaturesCommand.FID_VOLATILE_WRITE_CACHE, 1);
        data.clear();
    }
}
