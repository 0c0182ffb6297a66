package dev.karst.spec.nvmf;

import dev.karst.base.Struct;

/** Entry of the discovery log page: 1024 bytes. NVMe Base 2.1, 5.1.12.3.1. */
public final class DiscoveryEntry extends Struct {
    public static final int BYTES = 1024;

    /** Transport type. */
    public static final U8 TRTYPE = u8(0);
    /** Address family. */
    public static final U8 ADRFAM = u8(1);
    /** Subsystem type. */
    public static final U8 SUBTYPE = u8(2);
    /** Transport requirements: 1:0 secure channel, 2 SQ flow control may be disabled. */
    public static final U8 TREQ = u8(3);
    /** Port ID. */
    public static final U16le PORTID = u16le(4);
    /** Controller ID; FFFFh for the dynamic controller model. */
    public static final U16le CNTLID = u16le(6);
    /** Admin max SQ size, entries. */
    public static final U16le ASQSZ = u16le(8);
    /** Entry flags: bit 0 duplicate, 1 explicit persistent connections. */
    public static final U16le EFLAGS = u16le(10);
    /** Reserved. */
    public static final Bytes RSVD12 = bytes(12, 20);
    /** Transport service identifier. */
    public static final Text TRSVCID = ascii(32, 32);
    /** Reserved. */
    public static final Bytes RSVD64 = bytes(64, 192);
    /** NVM subsystem qualified name. */
    public static final Text SUBNQN = utf8(256, 256);
    /** Transport address. */
    public static final Text TRADDR = ascii(512, 256);
    /** Transport specific address subtype; for TCP byte 0 is SECTYPE. */
    public static final Bytes TSAS = bytes(768, 256);

    /** {@link #TRTYPE}: RDMA. */
    public static final int TRTYPE_RDMA = 1;
    /** {@link #TRTYPE}: TCP. */
    public static final int TRTYPE_TCP = 3;
    /** {@link #ADRFAM}: IPv4. */
    public static final int ADRFAM_IPV4 = 1;
    /** {@link #ADRFAM}: IPv6. */
    public static final int ADRFAM_IPV6 = 2;
    /** {@link #SUBTYPE}: another discovery subsystem. */
    public static final int SUBTYPE_REFERRAL = 1;
    /** {@link #SUBTYPE}: NVM subsystem. */
    public static final int SUBTYPE_NVM = 2;
    /** {@link #SUBTYPE}: the discovery subsystem that answers. */
    public static final int SUBTYPE_CURRENT_DISCOVERY = 3;
}
