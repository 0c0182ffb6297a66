package dev.karst.spec.nvme.nvm;

import dev.karst.base.Struct;

/**
 * A source range of Copy, descriptor format 1, for protection information with a guard of 32 or 64 bits: 40 bytes. NVM Command
 * Set 1.1, 3.3.2.
 */
public final class CopyRange1 extends Struct {
    public static final int BYTES = 40;

    /** Reserved. */
    public static final Bytes RSVD0 = bytes(0, 8);
    /** Starting LBA, where {@link CopyRange#SLBA} is too. */
    public static final U64le SLBA = u64le(8);
    /** Number of logical blocks, less one, where {@link CopyRange#NLB} is too. */
    public static final U16le NLB = u16le(16);
    /** Reserved. */
    public static final Bytes RSVD18 = bytes(18, 8);
    /** The highest 16 of 80 bits of expected storage and initial reference tag, big endian. */
    public static final U16be ELBST = u16be(26);
    /** The other 64 bits; where a reference tag has fewer bits, they are the last. */
    public static final U64be EILBRT = u64be(28);
    /** Expected logical block application tag. */
    public static final U16le ELBAT = u16le(36);
    /** Expected logical block application tag mask. */
    public static final U16le ELBATM = u16le(38);

    /** Its number among the formats. */
    public static final int FORMAT = 1;
}
