package dev.karst.base;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The one door to raw memory: static methods on addresses. Little endian unless the name says {@code Be}; any alignment.
 *
 * <p>A stale or wrong address ends the process, so addresses come only from regions that are {@linkplain #register
 * registered}. In <em>checked mode</em> (system property {@code karst.mem.checked}, on in every test and in the simulator)
 * each access is held against the registered regions and one outside them is refused with an
 * {@link IndexOutOfBoundsException}; otherwise the check is compiled away.
 *
 * <p>Measured: this form, over one static segment of all memory, costs half of what a segment held in a field costs.
 */
public final class Mem {
    /** Whether accesses are checked. */
    public static final boolean CHECKED = Boolean.getBoolean("karst.mem.checked");

    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final VarHandle ATOMIC_LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private static final long ZEROS_BYTES = 4096;
    /** Only read. */
    private static final long ZEROS = Arena.global().allocate(ZEROS_BYTES, ZEROS_BYTES).address();

    private static final MemRegions REGIONS = new MemRegions();
    /** In checked mode: what runs before each access; null for nothing. */
    private static Runnable watch;

    private Mem() {}

    /**
     * For tests, in checked mode: runs this before each access, whoever's it is, so that they see memory as it is between two steps of the
     * code under test. What it reads itself is not told.
     *
     * @param before null for nothing, as it is at first
     */
    public static void watch(Runnable before) {
        watch = before;
    }

    /** Makes {@code length} bytes from {@code address} known as memory that may be accessed. Control threads. */
    public static void register(long address, long length) {
        REGIONS.add(address, length);
    }

    /** Takes back a registration, given as it was made. Control threads, when no reactor uses the memory any more. */
    public static void unregister(long address) {
        REGIONS.remove(address);
    }

    /** Whether the bytes lie in one registered region; safe against wrap-around. */
    public static boolean isRegistered(long address, long length) {
        return REGIONS.contains(address, length);
    }

    private static void check(long address, long length) {
        if (CHECKED && !REGIONS.contains(address, length)) {
            throw new IndexOutOfBoundsException(
                String.format("%d bytes at 0x%x lie in no registered region", length, address));
        }
        if (CHECKED && watch != null) {
            tell();
        }
    }

    private static void tell() {
        Runnable told = watch;
        watch = null;
        told.run();
        watch = told;
    }

    public static byte getByte(long address) {
        check(address, 1);
        return ALL.get(ValueLayout.JAVA_BYTE, address);
    }

    public static void setByte(long address, byte value) {
        check(address, 1);
        ALL.set(ValueLayout.JAVA_BYTE, address, value);
    }

    public static short getShort(long address) {
        check(address, 2);
        return ALL.get(SHORT, address);
    }

    public static void setShort(long address, short value) {
        check(address, 2);
        ALL.set(SHORT, address, value);
    }

    public static int getInt(long address) {
        check(address, 4);
        return ALL.get(INT, address);
    }

    public static void setInt(long address, int value) {
        check(address, 4);
        ALL.set(INT, address, value);
    }

    public static long getLong(long address) {
        check(address, 8);
        return ALL.get(LONG, address);
    }

    public static void setLong(long address, long value) {
        check(address, 8);
        ALL.set(LONG, address, value);
    }

    /** An unsigned byte. */
    public static int getU8(long address) {
        return getByte(address) & 0xff;
    }

    /** An unsigned 16-bit figure. */
    public static int getU16(long address) {
        return getShort(address) & 0xffff;
    }

    /** An unsigned 32-bit figure. */
    public static long getU32(long address) {
        return getInt(address) & 0xffff_ffffL;
    }

    /** Reads before anything that follows in program order: what another core published behind this word is seen. */
    public static int getIntAcquire(long address) {
        int value = getInt(address);
        VarHandle.acquireFence();
        return value;
    }

    /** Writes after everything that precedes in program order. */
    public static void setIntRelease(long address, int value) {
        VarHandle.releaseFence();
        setInt(address, value);
    }

    /** As {@link #getIntAcquire}, 64 bits. */
    public static long getLongAcquire(long address) {
        long value = getLong(address);
        VarHandle.acquireFence();
        return value;
    }

    /** As {@link #getIntAcquire}, 16 bits. */
    public static short getShortAcquire(long address) {
        short value = getShort(address);
        VarHandle.acquireFence();
        return value;
    }

    /** As {@link #setIntRelease}, 16 bits. */
    public static void setShortRelease(long address, short value) {
        VarHandle.releaseFence();
        setShort(address, value);
    }

    /** Sets these bits of an aligned word as one step to all others, also other processes. */
    public static void orLong(long address, long bits) {
        check(address, 8);
        ATOMIC_LONG.getAndBitwiseOr(ALL, address, bits);
    }

    /** Copies; the ranges may overlap. */
    public static void copy(long source, long target, long length) {
        check(source, length);
        check(target, length);
        MemorySegment.copy(ALL, source, ALL, target, length);
    }

    /** Sets {@code length} bytes to {@code value}. */
    public static void fill(long address, long length, byte value) {
        check(address, length);
        if (value == 0) {
            zero(address, length);
        } else {
            ALL.asSlice(address, length).fill(value);
        }
    }

    /** Measured: 4 KiB of zeros are copied in two thirds of the time that filling takes. */
    private static void zero(long address, long length) {
        long end = address + length;
        for (long at = address; at < end; at += ZEROS_BYTES) {
            MemorySegment.copy(ALL, ZEROS, ALL, at, Math.min(ZEROS_BYTES, end - at));
        }
    }

    /** Whether the two ranges hold the same bytes. */
    public static boolean equal(long one, long other, long length) {
        check(one, length);
        check(other, length);
        return MemorySegment.mismatch(ALL, one, one + length, ALL, other, other + length) < 0;
    }

    /** Copies out of raw memory. */
    public static void get(long address, byte[] target, int offset, int length) {
        check(address, length);
        MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, address, target, offset, length);
    }

    /** Copies into raw memory. */
    public static void put(long address, byte[] source, int offset, int length) {
        check(address, length);
        MemorySegment.copy(source, offset, ALL, ValueLayout.JAVA_BYTE, address, length);
    }

    /**
     * A view for code that is not to reach beyond these bytes: every access is checked against them. It costs an allocation, so it is
     * not for the I/O path.
     */
    public static ByteBuffer buffer(long address, int length) {
        check(address, length);
        return view(address, length).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A view for JDK code that wants a segment; it costs an allocation where it escapes. */
    static MemorySegment view(long address, long length) {
        return ALL.asSlice(address, length);
    }

    static MemRegions regions() {
        return REGIONS;
    }
}
