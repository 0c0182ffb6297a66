package dev.karst.itests.stack;

import dev.karst.base.Mem;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** What some blocks of a device hold: a version each, from which their bytes follow. Version 0 is zeros. */
final class BlockModel {
    static final int BLOCK_BYTES = 512;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int CERTAIN = -1;
    /** Several writes ended without a word. */
    private static final int ANY = -2;
    /** Where a block carries what no other has; the rest of it is the same byte. */
    private static final int[] PLACES = {0, 8, 248, 504};

    private final long first;
    private final int[] versions;
    /** What a block may hold as well, since nobody said how a write ended. */
    private final int[] others;
    private final byte[] bytes = new byte[BLOCK_BYTES];
    private final byte[] found = new byte[BLOCK_BYTES];
    private int nextVersion;

    BlockModel(long first, int blocks) {
        this.first = first;
        versions = new int[blocks];
        others = new int[blocks];
        Arrays.fill(others, CERTAIN);
    }

    long first() {
        return first;
    }

    int blocks() {
        return versions.length;
    }

    /** A version that no block has had. */
    int newVersion() {
        return ++nextVersion;
    }

    /** Composes what the blocks hold with a version. */
    void fill(long address, int block, int count, int version) {
        for (int i = 0; i < count; i++) {
            compose(block + i, version);
            Mem.put(address + (long) i * BLOCK_BYTES, bytes, 0, BLOCK_BYTES);
        }
    }

    private void compose(int block, int version) {
        Arrays.fill(bytes, version == 0 ? 0 : (byte) (version | 1));
        if (version != 0) {
            for (int place : PLACES) {
                LONGS.set(bytes, place, mark(block, version, place));
            }
        }
    }

    private long mark(int block, int version, int place) {
        return (first + block) * 0x9E3779B97F4A7C15L ^ (long) version << 20 ^ place;
    }

    /** The blocks were written, or may have been. */
    void written(int block, int count, int version, boolean forSure) {
        for (int i = block; i < block + count; i++) {
            if (forSure) {
                versions[i] = version;
                others[i] = CERTAIN;
            } else {
                others[i] = others[i] == CERTAIN ? version : ANY;
            }
        }
    }

    /** Holds what was read against the model. What may have been written either way is known from then on. */
    void check(long address, int block, int count) {
        for (int i = 0; i < count; i++) {
            long at = address + (long) i * BLOCK_BYTES;
            if (others[block + i] == ANY) {
                continue;
            }
            if (!isVersion(at, block + i, versions[block + i])) {
                int other = others[block + i];
                if (other == CERTAIN || !isVersion(at, block + i, other)) {
                    throw new AssertionError("block " + (first + block + i) + " does not hold version " + versions[block + i]);
                }
                versions[block + i] = other;
            }
            others[block + i] = CERTAIN;
        }
    }

    private boolean isVersion(long address, int block, int version) {
        compose(block, version);
        Mem.get(address, found, 0, BLOCK_BYTES);
        return Arrays.equals(bytes, found);
    }
}
