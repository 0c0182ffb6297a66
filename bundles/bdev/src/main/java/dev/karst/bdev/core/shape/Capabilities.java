package dev.karst.bdev.core.shape;

import dev.karst.bdev.IoType;
import dev.karst.bdev.module.ModuleBdev;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What a device does, itself or with the block layer's help. */
public final class Capabilities {
    private final Set<IoType> accepted;
    private final Set<IoType> offered;
    private final Set<IoType> shown;

    /** As the module says now; it is not asked again. */
    public Capabilities(ModuleBdev module) {
        accepted = matching(type -> accepts(module, type));
        offered = matching(type -> offers(module, type));
        shown = matching(type -> shows(module, type));
    }

    private static Set<IoType> matching(Predicate<IoType> condition) {
        return Arrays.stream(IoType.values()).filter(condition).collect(Collectors.toUnmodifiableSet());
    }

    /** Whether a submission of this type is taken. */
    public boolean accepts(IoType type) {
        return accepted.contains(type);
    }

    /** Whether a user of the device may count on it, itself or by emulation. */
    public boolean offers(IoType type) {
        return offered.contains(type);
    }

    /** What clients are shown: of what is emulated only WRITE_ZEROES, as in SPDK. */
    public boolean shows(IoType type) {
        return shown.contains(type);
    }

    /** Whether a submission of this type is taken: also a FLUSH where there is nothing to flush, and any ABORT. */
    public static boolean accepts(ModuleBdev module, IoType type) {
        return switch (type) {
            case READ, RESET, ABORT -> true;
            case FLUSH -> module.supports(type) || !module.geometry().volatileCache();
            case WRITE_ZEROES -> module.supports(type) || module.supports(IoType.WRITE);
            case COMPARE, VERIFY -> true;
            case COMPARE_AND_WRITE, COPY -> module.supports(type) || module.supports(IoType.WRITE);
            case WRITE, UNMAP, SEEK_DATA, SEEK_HOLE, NVME_ADMIN, NVME_IO -> module.supports(type);
        };
    }

    /** Nothing that writes when it is read-only, FLUSH and ABORT as its module says. */
    private static boolean offers(ModuleBdev module, IoType type) {
        boolean can = !type.writes() || !module.geometry().readOnly();
        return switch (type) {
            case FLUSH, ABORT -> module.supports(type);
            default -> can && accepts(module, type);
        };
    }

    private static boolean shows(ModuleBdev module, IoType type) {
        boolean emulated = !module.supports(type);
        return switch (type) {
            case COMPARE, COMPARE_AND_WRITE, COPY, VERIFY -> !emulated && offers(module, type);
            default -> offers(module, type);
        };
    }
}
