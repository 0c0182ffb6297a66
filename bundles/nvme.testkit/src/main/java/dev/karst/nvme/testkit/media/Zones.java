package dev.karst.nvme.testkit.media;

import dev.karst.spec.nvme.NvmeStatus;
import java.util.Arrays;

/** The zones of a namespace, with their states and write pointers. Zoned Namespace Command Set 1.1, 2.1. */
public final class Zones {
    /** States, as reports have them. */
    public static final int EMPTY = 1;
    public static final int IMPLICITLY_OPENED = 2;
    public static final int EXPLICITLY_OPENED = 3;
    public static final int CLOSED = 4;
    public static final int READ_ONLY = 13;
    public static final int FULL = 14;
    public static final int OFFLINE = 15;

    /** Actions of Zone Management Send. */
    public static final int CLOSE = 1;
    public static final int FINISH = 2;
    public static final int OPEN = 3;
    public static final int RESET = 4;
    public static final int TAKE_OFFLINE = 5;

    private final long zoneBlocks;
    private final int maxOpen;
    private final int maxActive;
    private final int[] states;
    private final long[] written;

    /** {@code count} empty zones of so many blocks; most open and active ones, 0 for no limit. */
    public Zones(int count, long zoneBlocks, int maxOpen, int maxActive) {
        this.zoneBlocks = zoneBlocks;
        this.maxOpen = maxOpen;
        this.maxActive = maxActive;
        states = new int[count];
        written = new long[count];
        Arrays.fill(states, EMPTY);
    }

    public long zoneBlocks() {
        return zoneBlocks;
    }

    public int maxOpen() {
        return maxOpen;
    }

    public int maxActive() {
        return maxActive;
    }

    public int count() {
        return states.length;
    }

    public int state(int zone) {
        return states[zone];
    }

    /** Gives a zone a state of itself, as a drive whose media fails does. */
    public void fail(int zone, int state) {
        states[zone] = state;
    }

    /** The block that is written next. */
    public long writePointer(int zone) {
        return zone * zoneBlocks + written[zone];
    }

    /** The zone of a block. */
    public int zone(long lba) {
        return (int) (lba / zoneBlocks);
    }

    /** Whether the range lies in one zone. */
    public boolean isWithinOne(long slba, long count) {
        return slba / zoneBlocks == (slba + count - 1) / zoneBlocks;
    }

    /** Whether something in the range cannot be read; its status. */
    public int checkRead(long slba, long count) {
        for (int zone = zone(slba); zone <= zone(slba + count - 1); zone++) {
            if (states[zone] == OFFLINE) {
                return NvmeStatus.ZONE_IS_OFFLINE | NvmeStatus.DNR;
            }
        }
        return isWithinOne(slba, count) ? 0 : NvmeStatus.ZONE_BOUNDARY_ERROR | NvmeStatus.DNR;
    }

    /** Takes a write of the range, and moves the write pointer; its status. */
    public int write(long slba, long count) {
        int status = checkWrite(slba, count);
        if (status == 0) {
            int zone = zone(slba);
            written[zone] += count;
            if (written[zone] == zoneBlocks) {
                states[zone] = FULL;
            }
        }
        return status;
    }

    private int checkWrite(long slba, long count) {
        int zone = zone(slba);
        int status = switch (states[zone]) {
            case FULL -> NvmeStatus.ZONE_IS_FULL;
            case READ_ONLY -> NvmeStatus.ZONE_IS_READ_ONLY;
            case OFFLINE -> NvmeStatus.ZONE_IS_OFFLINE;
            default -> 0;
        };
        if (status == 0 && !isWithinOne(slba, count)) {
            status = NvmeStatus.ZONE_BOUNDARY_ERROR;
        }
        if (status == 0 && slba != writePointer(zone)) {
            status = NvmeStatus.ZONE_INVALID_WRITE;
        }
        if (status != 0) {
            return status | NvmeStatus.DNR;
        }
        return states[zone] == IMPLICITLY_OPENED || states[zone] == EXPLICITLY_OPENED ? 0 : open(zone, IMPLICITLY_OPENED);
    }

    private int open(int zone, int state) {
        if (states[zone] == EMPTY && maxActive > 0 && active() >= maxActive) {
            return NvmeStatus.TOO_MANY_ACTIVE_ZONES;
        }
        if (states[zone] != IMPLICITLY_OPENED && states[zone] != EXPLICITLY_OPENED && maxOpen > 0 && open() >= maxOpen
            && !closeAnImplicitOne()) {
            return NvmeStatus.TOO_MANY_OPEN_ZONES;
        }
        states[zone] = state;
        return 0;
    }

    private boolean closeAnImplicitOne() {
        for (int zone = 0; zone < states.length; zone++) {
            if (states[zone] == IMPLICITLY_OPENED) {
                states[zone] = CLOSED;
                return true;
            }
        }
        return false;
    }

    private long open() {
        return Arrays.stream(states).filter(state -> state == IMPLICITLY_OPENED || state == EXPLICITLY_OPENED).count();
    }

    private long active() {
        return open() + Arrays.stream(states).filter(state -> state == CLOSED).count();
    }

    /** Does an action to one zone; its status. The caller deallocates what is reset. */
    public int manage(int zone, int action) {
        int state = states[zone];
        boolean isOpen = state == IMPLICITLY_OPENED || state == EXPLICITLY_OPENED;
        switch (action) {
            case OPEN -> {
                if (isOpen || state == EMPTY || state == CLOSED) {
                    return open(zone, EXPLICITLY_OPENED);
                }
            }
            case CLOSE -> {
                if (isOpen || state == CLOSED) {
                    states[zone] = CLOSED;
                    return 0;
                }
            }
            case FINISH -> {
                if (isOpen || state == EMPTY || state == CLOSED || state == FULL) {
                    states[zone] = FULL;
                    written[zone] = zoneBlocks;
                    return 0;
                }
            }
            case RESET -> {
                if (state != READ_ONLY && state != OFFLINE) {
                    states[zone] = EMPTY;
                    written[zone] = 0;
                    return 0;
                }
            }
            case TAKE_OFFLINE -> {
                if (state == READ_ONLY || state == OFFLINE) {
                    states[zone] = OFFLINE;
                    return 0;
                }
            }
            default -> {
                return NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
            }
        }
        return NvmeStatus.INVALID_ZONE_STATE_TRANSITION | NvmeStatus.DNR;
    }

    /** Whether an action on all zones means this one. */
    public boolean isMeantByAll(int zone, int action) {
        int state = states[zone];
        boolean isOpen = state == IMPLICITLY_OPENED || state == EXPLICITLY_OPENED;
        return switch (action) {
            case OPEN -> state == CLOSED;
            case CLOSE -> isOpen;
            case FINISH -> isOpen || state == CLOSED;
            case RESET -> isOpen || state == CLOSED || state == FULL;
            default -> state == READ_ONLY;
        };
    }
}
