package dev.karst.scsi.core.mode;

import dev.karst.scsi.core.model.ModeState;

/** A mode page: its bytes, and which bits of them an initiator may set. */
enum ModePage {
    /** SBC-4, 6.5.6. */
    CACHING(0x08, 20) {
        @Override
        void fill(byte[] page, ModeState state) {
            set(page, FLAGS, WCE, state.writeCache());
        }

        @Override
        void changeable(byte[] mask, boolean hasCache) {
            set(mask, FLAGS, WCE, hasCache);
        }

        @Override
        ModeState apply(byte[] page, ModeState state) {
            return new ModeState(isSet(page, FLAGS, WCE), state.descriptorSense(), state.writeProtected(), state.tellsAborted());
        }
    },
    /** SPC-5, 7.5.10. */
    CONTROL(0x0a, 12) {
        @Override
        void fill(byte[] page, ModeState state) {
            set(page, FLAGS, TST_PER_NEXUS, true);
            set(page, FLAGS, D_SENSE, state.descriptorSense());
            set(page, QUEUEING, UNRESTRICTED_REORDERING, true);
            set(page, PROTECTION, SWP, state.writeProtected());
            set(page, ABORTING, TAS, state.tellsAborted());
            set(page, BUSY_TIMEOUT, 0xff, true);
            set(page, BUSY_TIMEOUT + 1, 0xff, true);
        }

        @Override
        void changeable(byte[] mask, boolean hasCache) {
            set(mask, FLAGS, D_SENSE, true);
            set(mask, PROTECTION, SWP, true);
            set(mask, ABORTING, TAS, true);
        }

        @Override
        ModeState apply(byte[] page, ModeState state) {
            return new ModeState(state.writeCache(), isSet(page, FLAGS, D_SENSE), isSet(page, PROTECTION, SWP),
                isSet(page, ABORTING, TAS));
        }
    },
    /** Nothing is reported by itself. SPC-5, 7.5.13. */
    INFORMATIONAL_EXCEPTIONS(0x1c, 12) {
        @Override
        void fill(byte[] page, ModeState state) {
            set(page, FLAGS, DEXCPT, true);
        }
    };

    /** The code that asks for all. */
    static final int ALL = 0x3f;
    /** Bytes before what a page has of its own. */
    static final int HEAD_BYTES = 2;

    private static final int FLAGS = 2;
    private static final int WCE = 0x04;
    private static final int D_SENSE = 0x04;
    private static final int TST_PER_NEXUS = 0x20;
    private static final int DEXCPT = 0x08;
    private static final int QUEUEING = 3;
    private static final int UNRESTRICTED_REORDERING = 0x10;
    private static final int PROTECTION = 4;
    private static final int SWP = 0x08;
    private static final int ABORTING = 5;
    private static final int TAS = 0x40;
    private static final int BUSY_TIMEOUT = 8;

    /** PAGE CODE. */
    final int code;
    /** Bytes with the head. */
    final int bytes;

    ModePage(int code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    /** Fills in what a state says. */
    abstract void fill(byte[] page, ModeState state);

    /** Fills in which bits can be set. */
    void changeable(byte[] mask, boolean hasCache) {}

    /** The state as a page sets it that differs only in those bits. */
    ModeState apply(byte[] page, ModeState state) {
        return state;
    }

    private byte[] blank() {
        var page = new byte[bytes];
        page[0] = (byte) code;
        page[1] = (byte) (bytes - HEAD_BYTES);
        return page;
    }

    byte[] of(ModeState state) {
        byte[] page = blank();
        fill(page, state);
        return page;
    }

    byte[] mask(boolean hasCache) {
        byte[] mask = blank();
        changeable(mask, hasCache);
        return mask;
    }

    /** The page of this code, or null. */
    static ModePage find(int code) {
        for (ModePage page : values()) {
            if (page.code == code) {
                return page;
            }
        }
        return null;
    }

    private static void set(byte[] page, int at, int bits, boolean value) {
        if (value) {
            page[at] |= (byte) bits;
        }
    }

    private static boolean isSet(byte[] page, int at, int bit) {
        return (page[at] & bit) != 0;
    }
}
