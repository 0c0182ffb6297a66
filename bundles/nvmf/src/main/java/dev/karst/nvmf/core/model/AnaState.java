package dev.karst.nvmf.core.model;

import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.log.AnaGroupDescriptor;
import java.util.Locale;

/** How a group of namespaces can be reached over one listener. NVMe Base 2.1, 8.1.1. */
public enum AnaState {
    OPTIMIZED(AnaGroupDescriptor.OPTIMIZED, NvmeStatus.SUCCESSFUL_COMPLETION),
    NON_OPTIMIZED(AnaGroupDescriptor.NON_OPTIMIZED, NvmeStatus.SUCCESSFUL_COMPLETION),
    INACCESSIBLE(AnaGroupDescriptor.INACCESSIBLE, NvmeStatus.ASYMMETRIC_ACCESS_INACCESSIBLE),
    PERSISTENT_LOSS(AnaGroupDescriptor.PERSISTENT_LOSS, NvmeStatus.ASYMMETRIC_ACCESS_PERSISTENT_LOSS),
    CHANGE(AnaGroupDescriptor.CHANGE, NvmeStatus.ASYMMETRIC_ACCESS_TRANSITION);

    /** As the log page has it. */
    public final int code;
    /** What an I/O command that comes this way is told; success when it is executed. */
    public final int ioStatus;
    /** SPDK's word. */
    public final String word = name().toLowerCase(Locale.ROOT);

    AnaState(int code, int ioStatus) {
        this.code = code;
        this.ioStatus = ioStatus;
    }

    /** The state that SPDK's word means. */
    public static AnaState of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
