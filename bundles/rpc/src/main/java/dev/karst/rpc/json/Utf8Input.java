package dev.karst.rpc.json;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;

/**
 * Passes on what is UTF-8 and fails at the first byte that is not: the parser takes longer forms of a letter than there must be,
 * with which quotes and slashes can be hidden. Unicode 16.0, table 3-7. Not for several threads.
 */
final class Utf8Input extends BlockInput {
    private static final int CONTINUATION_LOW = 0x80;
    private static final int CONTINUATION_HIGH = 0xbf;

    private final InputStream input;
    /** How many bytes of the letter are still to come, and what the next may be. */
    private int left;
    private int low = CONTINUATION_LOW;
    private int high = CONTINUATION_HIGH;
    private boolean wrong;

    Utf8Input(InputStream input) {
        this.input = input;
    }

    /** What comes before a wrong byte is passed on first. */
    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (wrong) {
            throw new CharacterCodingException();
        }
        int count = input.read(target, offset, length);
        for (int i = 0; i < count; i++) {
            if (!take(target[offset + i] & 0xff)) {
                wrong = true;
                return i > 0 ? i : read(target, offset, length);
            }
        }
        return count;
    }

    private boolean take(int octet) {
        if (left == 0) {
            return octet < CONTINUATION_LOW || begin(octet);
        }
        boolean right = octet >= low && octet <= high;
        left--;
        low = CONTINUATION_LOW;
        high = CONTINUATION_HIGH;
        return right;
    }

    /** Begins a letter of several bytes. */
    private boolean begin(int octet) {
        switch (octet) {
            case 0xe0 -> low = 0xa0;
            case 0xed -> high = 0x9f;
            case 0xf0 -> low = 0x90;
            case 0xf4 -> high = 0x8f;
            default -> {
                // any continuation may follow
            }
        }
        left = octet < 0xe0 ? 1 : octet < 0xf0 ? 2 : 3;
        return octet >= 0xc2 && octet <= 0xf4;
    }
}
