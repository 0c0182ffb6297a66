package dev.karst.scsi.core.reservation;

import java.util.Locale;

/** TYPE: what a persistent reservation keeps from whom. SPC-5, table 203. */
public enum ReservationType {
    WRITE_EXCLUSIVE(1),
    EXCLUSIVE_ACCESS(3),
    WRITE_EXCLUSIVE_REGISTRANTS(5),
    EXCLUSIVE_ACCESS_REGISTRANTS(6),
    WRITE_EXCLUSIVE_ALL(7),
    EXCLUSIVE_ACCESS_ALL(8);

    public final int code;

    ReservationType(int code) {
        this.code = code;
    }

    /** Its name for people. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The type of this code, or null. */
    public static ReservationType of(int code) {
        for (ReservationType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        return null;
    }

    /** Whether every registrant is a holder. */
    public boolean isAll() {
        return this == WRITE_EXCLUSIVE_ALL || this == EXCLUSIVE_ACCESS_ALL;
    }

    /** Whether registrants may do what the holder may. */
    boolean admitsRegistrants() {
        return this != WRITE_EXCLUSIVE && this != EXCLUSIVE_ACCESS;
    }

    /** Whether those who are kept out may not even read. */
    boolean deniesReads() {
        return this == EXCLUSIVE_ACCESS || this == EXCLUSIVE_ACCESS_REGISTRANTS || this == EXCLUSIVE_ACCESS_ALL;
    }
}
