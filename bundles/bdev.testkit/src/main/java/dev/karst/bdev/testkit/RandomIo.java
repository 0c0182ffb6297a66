package dev.karst.bdev.testkit;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.IoType;
import dev.karst.env.Region;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Random I/O of all types through one channel, as many as the depth at a time and never two on one block, held against a
 * {@link Model}. What contradicts the model, or ends twice, is thrown on the reactor. Reactor-confined but for {@link
 * #isDone} and {@link #stop}.
 */
public final class RandomIo {
    /** Most blocks of a read or write. */
    static final int MAX_BLOCKS = 16;
    private static final byte GUARD = 0x5C;
    private static final long GUARD_WORD = 0x5C5C5C5C5C5C5C5CL;
    private static final int GUARD_BYTES = 512;
    /** Between two buffers, so that all lie at the start of a page. */
    private static final int SPACE = 4096;

    private final BdevChannel channel;
    private final Model model;
    private final SplittableRandom random;
    private final Region memory;
    private final IoMix mix;
    private final List<RandomProbe> flying = new ArrayList<>();
    private final Deque<RandomProbe> free = new ArrayDeque<>();
    private final List<Model.Floor> floors = new ArrayList<>();
    private final BdevChannel.Waiter room = new BdevChannel.Waiter() {
        @Override
        public void available() {
            RandomProbe probe = held;
            held = null;
            hand(probe);
            issue();
        }
    };
    private RandomProbe held;
    private long nextId;
    private int accepted;
    private int ended;
    private volatile int left;
    private volatile boolean done;

    /**
     * @param memory at least {@link #bytesNeeded}
     * @param mix what to do, and what to put up with
     */
    public RandomIo(BdevChannel channel, Model model, long seed, Region memory, IoMix mix) {
        this.channel = channel;
        this.model = model;
        this.random = new SplittableRandom(seed);
        this.memory = memory;
        this.mix = mix;
        this.nextId = seed << 24 | 1;
        this.left = mix.count();
        Mem.fill(memory.address(), memory.bytes(), GUARD);
        for (int slot = 0; slot < mix.depth(); slot++) {
            long address = memory.address() + SPACE + slot * slotBytes(model.blockSize());
            free.add(new RandomProbe(this, address, address + half(model.blockSize())));
        }
    }

    /** How much memory that many I/Os in flight need. */
    public static long bytesNeeded(int blockSize, int depth) {
        return depth * slotBytes(blockSize) + SPACE;
    }

    /** One half for the data, one for what it is compared with. */
    private static long slotBytes(int blockSize) {
        return 2 * half(blockSize);
    }

    private static long half(int blockSize) {
        return (long) MAX_BLOCKS * blockSize + SPACE;
    }

    /** Begins; goes on by itself. */
    public void start() {
        issue();
        finish();
    }

    /** Issues nothing more; what is in flight still ends. */
    public void stop() {
        left = 0;
    }

    /** Whether all was issued and has ended. */
    public boolean isDone() {
        return done;
    }

    /** For each acknowledged flush, what it covers. */
    public List<Model.Floor> floors() {
        return floors;
    }

    public int accepted() {
        return accepted;
    }

    private void issue() {
        while (left > 0 && held == null && !free.isEmpty()) {
            RandomProbe probe = free.pop();
            if (!choose(probe)) {
                free.push(probe);
                return;
            }
            left--;
            hand(probe);
        }
    }

    private void hand(RandomProbe probe) {
        int status = channel.submit(probe);
        if (status == Status.NO_RESOURCE) {
            held = probe;
            channel.whenAvailable(room);
        } else if (status == Status.OK) {
            accepted++;
            flying.add(probe);
        } else {
            judge(probe, status);
            free.push(probe);
        }
    }

    /** The end of one; called by the probe. */
    void ended(RandomProbe probe, int status) {
        if (!flying.remove(probe)) {
            throw new AssertionError(probe.type + " ended twice, or was refused and ended: " + Status.text(status));
        }
        ended++;
        judge(probe, status);
        free.push(probe);
        issue();
        finish();
    }

    private void finish() {
        if (left == 0 && held == null && flying.isEmpty() && !done) {
            checkGuards();
            if (ended != accepted) {
                throw new AssertionError(accepted + " accepted and " + ended + " ended");
            }
            done = true;
        }
    }

    private void judge(RandomProbe probe, int status) {
        boolean well = status == Status.OK;
        if (probe.changes()) {
            model.ended(probe.offsetBlocks, probe.blocks, well);
        }
        if (status != (probe.differs ? Status.MISCOMPARE : Status.OK) && (well || !mayFail(probe, status))) {
            throw new AssertionError(
                probe.type + " of " + probe.blocks + " blocks at " + probe.offsetBlocks + ": " + Status.text(status));
        }
        if (probe.type.hasData()) {
            checkGuard(probe.address + probe.data.bytes());
        }
        if (well && probe.type == IoType.READ) {
            compare(probe);
        } else if (well && probe.type == IoType.FLUSH) {
            floors.add(probe.floor);
            mix.flushed(floors.size() - 1);
        }
    }

    private boolean mayFail(RandomProbe probe, int status) {
        return probe.type == IoType.ABORT
            || status == Status.ABORTED && mix.disturbs()
            || mix.tolerates(status);
    }

    private void compare(RandomProbe probe) {
        for (int i = 0; i < probe.blocks; i++) {
            long at = probe.address + (long) i * model.blockSize();
            long block = probe.offsetBlocks + i;
            if (!model.allows(block, at)) {
                throw new AssertionError(String.format(
                    "block %d read %016x %016x, which nobody wrote last", block, Mem.getLong(at), Mem.getLong(at + 8)));
            }
        }
    }

    private void checkGuards() {
        for (long at = memory.address(); at < memory.address() + bytesNeeded(model.blockSize(), mix.depth());
            at += slotBytes(model.blockSize())) {
            checkGuard(at);
        }
    }

    private static void checkGuard(long at) {
        for (int i = 0; i < GUARD_BYTES; i += Long.BYTES) {
            if (Mem.getLong(at + i) != GUARD_WORD) {
                throw new AssertionError("memory beside a buffer was written");
            }
        }
    }

    private boolean choose(RandomProbe probe) {
        probe.clear();
        probe.type = mix.pick(random, channel.bdev());
        if (probe.type == IoType.ABORT && !chooseVictim(probe)) {
            probe.type = IoType.READ;
        }
        if (probe.type == IoType.FLUSH) {
            probe.blocks = channel.bdev().blocks();
            probe.floor = model.floor();
        }
        return !probe.type.hasRange() || probe.type == IoType.FLUSH || chooseRange(probe) && prepare(probe);
    }

    private boolean chooseVictim(RandomProbe probe) {
        if (flying.isEmpty()) {
            return false;
        }
        RandomProbe victim = flying.get(random.nextInt(flying.size()));
        probe.victim = victim;
        return victim.type.hasRange();
    }

    private boolean chooseRange(RandomProbe probe) {
        int most = Math.min(probe.type.hasData() ? MAX_BLOCKS : 4 * MAX_BLOCKS, model.blocks());
        for (int tries = 0; tries < 8; tries++) {
            probe.blocks = 1 + random.nextInt(most);
            probe.offsetBlocks = model.first() + random.nextLong(model.blocks() - probe.blocks + 1);
            settle(probe);
            if (flying.stream().noneMatch(probe::overlaps)) {
                return true;
            }
        }
        return false;
    }

    /** What cannot be told before whether it succeeds becomes something else. */
    private void settle(RandomProbe probe) {
        switch (probe.type) {
            case COMPARE -> probe.type = model.isCertain(probe.offsetBlocks, probe.blocks) ? probe.type : IoType.READ;
            case COMPARE_AND_WRITE ->
                probe.type = model.isCertain(probe.offsetBlocks, probe.blocks) ? probe.type : IoType.WRITE;
            case COPY -> probe.type = chooseSource(probe) ? probe.type : IoType.WRITE_ZEROES;
            default -> { }
        }
    }

    private boolean chooseSource(RandomProbe probe) {
        probe.sourceBlock = model.first() + random.nextLong(model.blocks() - probe.blocks + 1);
        return !RandomProbe.meets(probe.offsetBlocks, probe.blocks, probe.sourceBlock, probe.blocks)
            && model.isCertain(probe.sourceBlock, probe.blocks);
    }

    /** Lays down what is compared with: what is there, or sometimes one byte that is not. */
    private void prepareCompare(RandomProbe probe) {
        int bytes = (int) probe.blocks * model.blockSize();
        long at = probe.type == IoType.COMPARE ? probe.address : probe.compareAddress;
        for (int i = 0; i < probe.blocks; i++) {
            model.fill(probe.offsetBlocks + i, at + (long) i * model.blockSize());
        }
        probe.differs = random.nextInt(4) == 0;
        if (probe.differs) {
            long wrong = at + random.nextInt(bytes);
            Mem.setByte(wrong, (byte) ~Mem.getByte(wrong));
        }
        if (probe.type == IoType.COMPARE_AND_WRITE) {
            probe.compares(bytes);
        }
    }

    /** Cuts the memory into pieces, fills what is written, and tells the model. */
    private boolean prepare(RandomProbe probe) {
        if (probe.type.hasData()) {
            cut(probe, (int) probe.blocks * model.blockSize());
            Mem.fill(probe.address + probe.data.bytes(), GUARD_BYTES, GUARD);
        }
        if (probe.type == IoType.COMPARE || probe.type == IoType.COMPARE_AND_WRITE) {
            prepareCompare(probe);
        }
        if (probe.type == IoType.COPY) {
            model.askedCopy(probe.sourceBlock, probe.offsetBlocks, probe.blocks);
        } else if (probe.type.writes()) {
            long id = switch (probe.type) {
                case WRITE, COMPARE_AND_WRITE -> nextId++;
                case WRITE_ZEROES -> 0;
                default -> channel.bdev().unmapReadsZeroes() ? 0 : Model.ANYTHING;
            };
            if (probe.changes()) {
                model.asked(probe.offsetBlocks, probe.blocks, id);
            }
            fill(probe, id);
        }
        return true;
    }

    private void fill(RandomProbe probe, long id) {
        boolean writes = probe.type == IoType.WRITE || probe.type == IoType.COMPARE_AND_WRITE;
        for (int i = 0; writes && i < probe.blocks; i++) {
            Pattern.fill(probe.address + (long) i * model.blockSize(), model.blockSize(), id, probe.offsetBlocks + i);
        }
    }

    private void cut(RandomProbe probe, int bytes) {
        int at = 0;
        while (at < bytes) {
            int pieces = (bytes - at) / mix.piece();
            int length = random.nextInt(3) == 0 ? (1 + random.nextInt(pieces)) * mix.piece() : bytes - at;
            probe.data.add(probe.address + at, length);
            at += length;
        }
    }
}
