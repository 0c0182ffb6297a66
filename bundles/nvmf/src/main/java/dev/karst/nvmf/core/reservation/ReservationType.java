package dev.karst.nvmf.core.reservation;

import dev.karst.spec.nvme.reservation.ReservationStatus;

/** What a reservation keeps from whom. NVMe Base 2.0, 8.19.3. */
public enum ReservationType {
    NONE(ReservationStatus.RTYPE_NONE),
    WRITE_EXCLUSIVE(ReservationStatus.RTYPE_WRITE_EXCLUSIVE),
    EXCLUSIVE_ACCESS(ReservationStatus.RTYPE_EXCLUSIVE_ACCESS),
    WRITE_EXCLUSIVE_REGISTRANTS(ReservationStatus.RTYPE_WRITE_EXCLUSIVE_REGISTRANTS),
    EXCLUSIVE_ACCESS_REGISTRANTS(ReservationStatus.RTYPE_EXCLUSIVE_ACCESS_REGISTRANTS),
    WRITE_EXCLUSIVE_ALL(ReservationStatus.RTYPE_WRITE_EXCLUSIVE_ALL),
    EXCLUSIVE_ACCESS_ALL(ReservationStatus.RTYPE_EXCLUSIVE_ACCESS_ALL);

    private static final ReservationType[] BY_CODE = values();

    /** As RTYPE has it. */
    public final int code;

    ReservationType(int code) {
        this.code = code;
    }

    /** The type of this code, or null. */
    static ReservationType of(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }

    /** Whether every registrant is a holder. */
    boolean isAllRegistrants() {
        return this == WRITE_EXCLUSIVE_ALL || this == EXCLUSIVE_ACCESS_ALL;
    }

    /** Whether registrants that do not hold it may do what the holder may. */
    boolean isRegistrantsOnly() {
        return this == WRITE_EXCLUSIVE_REGISTRANTS || this == EXCLUSIVE_ACCESS_REGISTRANTS;
    }

    /** What it keeps from those who are shut out: kinds of {@link Access}. */
    int denied() {
        return switch (this) {
            case NONE -> 0;
            case WRITE_EXCLUSIVE, WRITE_EXCLUSIVE_REGISTRANTS, WRITE_EXCLUSIVE_ALL -> Access.WRITE;
            default -> Access.READ | Access.WRITE;
        };
    }
}
