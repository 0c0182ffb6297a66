package dev.karst.nvme.vfiouser;

import dev.karst.spec.vfiouser.Capability;
import dev.karst.spec.vfiouser.RegionInfo;
import dev.karst.spec.vfiouser.SparseArea;
import dev.karst.spec.vfiouser.SparseMmap;
import java.util.ArrayList;
import java.util.List;

/**
 * What a server says of a region.
 *
 * <pre>
 *  0            32 = CAP_OFFSET            + 16
 * +-------------+-------------------------+------------+------------+----
 * | RegionInfo  | SparseMmap, NEXT = 0    | SparseArea | SparseArea |
 * +-------------+-------------------------+------------+------------+----
 * </pre>
 */
final class RegionReply {
    /** No range of a device is as long. */
    private static final long MOST_BYTES = 1L << 48;

    private RegionReply() {}

    /** What cannot be meant by a payload of so many bytes; null when all is well. */
    static String check(long info, int bytes, int index) {
        if (bytes < RegionInfo.BYTES || RegionInfo.ARGSZ.get(info) > bytes) {
            return "too little or too much";
        }
        if (RegionInfo.INDEX.get(info) != index) {
            return "what is of another";
        }
        if (RegionInfo.SIZE.get(info) < 0 || RegionInfo.SIZE.get(info) > MOST_BYTES
            || RegionInfo.OFFSET.get(info) < 0 || RegionInfo.OFFSET.get(info) > MOST_BYTES) {
            return "that it is larger than can be";
        }
        return RegionInfo.CAPS.get(info) == 0 ? null : checkCapabilities(info, bytes);
    }

    private static String checkCapabilities(long info, int bytes) {
        long last = 0;
        for (long at = RegionInfo.CAP_OFFSET.get(info); at != 0; at = Capability.NEXT.get(info + at)) {
            if (at < RegionInfo.BYTES || at <= last || at > bytes - Capability.BYTES) {
                return "that a capability lies outside its reply, or before the one before";
            }
            if (Capability.ID.get(info + at) == Capability.SPARSE_MMAP) {
                String wrong = checkAreas(info, at, bytes);
                if (wrong != null) {
                    return wrong;
                }
            }
            last = at;
        }
        return null;
    }

    private static String checkAreas(long info, long at, int bytes) {
        long room = bytes - at - SparseMmap.BYTES;
        if (room < 0 || SparseMmap.NR_AREAS.get(info + at) > room / SparseArea.BYTES) {
            return "that there are more areas than its reply holds";
        }
        long size = RegionInfo.SIZE.get(info);
        for (int i = 0; i < SparseMmap.NR_AREAS.get(info + at); i++) {
            long area = info + at + SparseMmap.BYTES + (long) i * SparseArea.BYTES;
            long offset = SparseArea.OFFSET.get(area);
            long length = SparseArea.SIZE.get(area);
            if (offset < 0 || length < 0 || length > size || offset > size - length) {
                return "that an area lies outside of it";
            }
        }
        return null;
    }

    /** What of the region can be mapped, pages that are not whole left out; the reply was checked. */
    static List<Area> areas(long info, int bytes) {
        long base = RegionInfo.OFFSET.get(info);
        List<Area> areas = new ArrayList<>();
        boolean sparse = false;
        long at = RegionInfo.CAPS.get(info) == 0 ? 0 : RegionInfo.CAP_OFFSET.get(info);
        for (; at != 0; at = Capability.NEXT.get(info + at)) {
            if (Capability.ID.get(info + at) == Capability.SPARSE_MMAP) {
                sparse = true;
                for (int i = 0; i < SparseMmap.NR_AREAS.get(info + at); i++) {
                    long area = info + at + SparseMmap.BYTES + (long) i * SparseArea.BYTES;
                    long offset = SparseArea.OFFSET.get(area);
                    areas.add(new Area(offset, SparseArea.SIZE.get(area), base + offset));
                }
            }
        }
        if (!sparse) {
            areas.add(new Area(0, RegionInfo.SIZE.get(info), base));
        }
        areas.removeIf(area -> !area.isWhole());
        return List.copyOf(areas);
    }
}
