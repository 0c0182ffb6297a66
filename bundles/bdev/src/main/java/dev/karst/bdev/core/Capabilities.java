package dev.karst.bdev.core;

import dev.karst.bdev.IoType;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleBdev;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What a device does, itself or with the block layer's help. */
final class Capabilities {
    private final Set<IoType> accepted;
    private final Set<IoType> shown;

    /** As the module says now; it is not asked again. */
    Capabilities(ModuleBdev module) {
        accepted = matching(type -> accepts(module, type));
        shown = matching(type -> shows(module, type));
    }

    private static Set<IoType> matching(Predicate<IoType> condition) {
        return Arrays.stream(IoType.values()).filter(condition).collect(Collectors.toUnmodifiableSet());
    }

    /** Whether a submission of this type is taken. */
    boolean accepts(IoType type) {
        return accepted.contains(type);
    }

    /** What the device says of itself. */
    boolean shows(IoType type) {
        return shown.contains(type);
    }

    /** Whether a submission of this type is taken: also a FLUSH where there is nothing to flush, and any ABORT. */
    static boolean accepts(ModuleBdev module, IoType type) {
        return switch (type) {
            case READ, RESET, ABORT -> true;
            case FLUSH -> module.supports(type) || !module.geometry().volatileCache();
            case WRITE_ZEROES -> module.supports(type) || module.supports(IoType.WRITE);
            case WRITE, UNMAP, COMPARE, COMPARE_AND_WRITE, COPY, VERIFY, NVME_ADMIN, NVME_IO -> module.supports(type);
        };
    }

    /** What the device says of itself: nothing that writes when it is read-only, FLUSH and ABORT as its module says. */
    private static boolean shows(ModuleBdev module, IoType type) {
        Geometry geometry = module.geometry();
        return switch (type) {
            case READ, RESET -> true;
            case FLUSH, ABORT -> module.supports(type);
            case COMPARE, VERIFY -> accepts(module, type);
            case WRITE, UNMAP, WRITE_ZEROES, COMPARE_AND_WRITE, COPY, NVME_ADMIN, NVME_IO ->
                !geometry.readOnly() && accepts(module, type);
        };
    }
}
