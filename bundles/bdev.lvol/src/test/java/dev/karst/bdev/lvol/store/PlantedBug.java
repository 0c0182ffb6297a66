package dev.karst.bdev.lvol.store;

import dev.karst.bdev.lvol.disk.Page;
import dev.karst.bdev.lvol.disk.PageMap;
import dev.karst.bdev.lvol.disk.SuperBlock;
import dev.karst.env.sim.disk.RecordedDisk;
import java.util.ArrayList;
import java.util.List;

/** What a store could do wrong and a power cut would show. */
enum PlantedBug {
    DATA_NOT_FLUSHED, PAGES_NOT_FLUSHED, SUPER_NOT_FLUSHED, SUPER_BEFORE_ITS_PAGES, SECOND_SUPER_LEFT_BEHIND,
    TORN_SUPER_TAKEN_FOR_WHOLE, PAGE_USED_AGAIN_TOO_EARLY, CLUSTER_USED_AGAIN_TOO_EARLY, CLUSTER_NOT_CLEARED, MARK_NOT_RAISED;

    private static final long FIRST = SuperBlock.FIRST * (long) Page.BYTES;
    private static final long SECOND = SuperBlock.SECOND * (long) Page.BYTES;

    /** The medium of a store that does so. */
    LvolWorld.CutMedium medium(RecordedDisk disk, boolean unmapReadsZeroes, long length) {
        return new Wrong(disk, unmapReadsZeroes, length);
    }

    /** The parts of a store that does so. */
    Parts parts() {
        return switch (this) {
            case TORN_SUPER_TAKEN_FOR_WHOLE -> new Parts() {
                @Override
                boolean isWhole(byte[] superBlock) {
                    return true;
                }
            };
            case PAGE_USED_AGAIN_TOO_EARLY -> new Parts() {
                @Override
                PageMap pages(int pages) {
                    return new HastyPages(pages);
                }
            };
            case CLUSTER_USED_AGAIN_TOO_EARLY -> new Parts() {
                @Override
                ClusterMap clusters(int first, int total, int mark) {
                    return new HastyClusters(first, total, mark);
                }
            };
            case MARK_NOT_RAISED -> new Parts() {
                @Override
                ClusterMap clusters(int first, int total, int mark) {
                    return new UnmarkedClusters(first, total, mark);
                }
            };
            default -> new Parts();
        };
    }

    private static final class HastyPages extends PageMap {
        HastyPages(int pages) {
            super(pages);
        }

        @Override
        public void release(int page) {
            super.release(page);
            gathered();
            durable();
        }
    }

    private static final class HastyClusters extends ClusterMap {
        HastyClusters(int first, int total, int mark) {
            super(first, total, mark);
        }

        @Override
        void release(int cluster) {
            super.release(cluster);
            giveBack(cluster, false);
        }
    }

    private static final class UnmarkedClusters extends ClusterMap {
        private final int first;

        UnmarkedClusters(int first, int total, int mark) {
            super(first, total, mark);
            this.first = mark;
        }

        @Override
        int nextMark() {
            return first;
        }
    }

    /** A medium that does not do all that it is told. */
    private final class Wrong extends LvolWorld.CutMedium {
        private final List<Runnable> held = new ArrayList<>();
        private boolean wrotePages;
        private boolean wroteSuper;

        Wrong(RecordedDisk disk, boolean unmapReadsZeroes, long length) {
            super(disk, unmapReadsZeroes, length);
        }

        @Override
        public void write(long offset, byte[] source, Done done) {
            boolean isPage = offset < 32L * TestStore.CLUSTER && offset != FIRST && offset != SECOND;
            wrotePages |= isPage;
            wroteSuper |= offset == FIRST;
            if (isPage && PlantedBug.this == SUPER_BEFORE_ITS_PAGES) {
                held.add(() -> super.write(offset, source, _ -> {}));
                disk.flush(done::done);
            } else if (offset == SECOND && PlantedBug.this == SECOND_SUPER_LEFT_BEHIND) {
                disk.flush(done::done);
            } else {
                super.write(offset, source, done);
            }
        }

        @Override
        public void zero(long offset, long length, Done done) {
            if (PlantedBug.this == CLUSTER_NOT_CLEARED && offset > SECOND) {
                disk.read(offset, new byte[1], done::done);
            } else {
                super.zero(offset, length, done);
            }
        }

        @Override
        public void flush(Done done) {
            boolean dropped = switch (PlantedBug.this) {
                case DATA_NOT_FLUSHED -> !wrotePages && !wroteSuper;
                case PAGES_NOT_FLUSHED -> wrotePages && !wroteSuper;
                case SUPER_NOT_FLUSHED -> wroteSuper;
                default -> false;
            };
            boolean last = wroteSuper;
            wroteSuper = false;
            wrotePages &= !last;
            if (dropped) {
                disk.read(0, new byte[1], done::done);
            } else if (last && !held.isEmpty()) {
                super.flush(_ -> writeHeld(done));
            } else {
                super.flush(done);
            }
        }

        private void writeHeld(Done done) {
            held.forEach(Runnable::run);
            held.clear();
            settle();
            super.flush(done);
        }
    }
}
