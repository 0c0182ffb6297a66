package dev.karst.scsi.core;

import dev.karst.base.Mem;
import dev.karst.env.Region;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.scsi.InitiatorPort;
import dev.karst.scsi.NexusOwner;
import dev.karst.scsi.ScsiDevice;
import dev.karst.scsi.ScsiNexus;
import dev.karst.scsi.ScsiNexus.Management;
import dev.karst.scsi.ScsiTask;
import dev.karst.scsi.TargetPort;
import dev.karst.spec.scsi.ScsiStatus;
import dev.karst.spec.scsi.SenseKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** An initiator without a wire. It holds the device to its contract: each task comes back once, and none after the end. */
final class FakeInitiator implements NexusOwner {
    static final int TASKS = 24;
    static final int CDB_BYTES = 32;
    static final int DATA_BYTES = 262_144;
    private static final int TASK_BYTES = CDB_BYTES + ScsiTask.SENSE_BYTES;
    /** What stands behind the data of a task. */
    private static final long GUARD = 0x5eed_0f_600d_da7aL;
    private static final int PLACE_BYTES = TASK_BYTES + DATA_BYTES + Long.BYTES;

    /** What a command came to. */
    record Answer(int status, int key, int asc, long wanted, byte[] data, byte[] sense) {
        boolean isGood() {
            return status == ScsiStatus.GOOD;
        }

        /** Sense data as {@code 5/24/00}; the status if there is none. */
        String text() {
            return status == ScsiStatus.CHECK_CONDITION ? String.format("%X/%02X/%02X", key, asc >> 8, asc & 0xff)
                : String.format("status %02X", status);
        }
    }

    /** A command and its answer when there is one; null for one that was aborted without an answer. */
    final class Task extends ScsiTask {
        private final long memory;
        boolean outstanding;
        CompletableFuture<Answer> answered;

        Task(long place, long memory) {
            cdb = place;
            sense = place + CDB_BYTES;
            this.memory = memory;
        }

        private void back() {
            check(outstanding, "a task came back that is not outstanding");
            check(!released, "a task came back after the nexus was released");
            check(Mem.getLong(memory + Math.max(sent, room)) == GUARD, "something was written behind the data");
            outstanding = false;
            if (view.address() != 0) {
                check(takesView, "a view that the transport does not take");
                viewAnswers++;
                data.copyFrom(0, view.address(), answeredBytes());
                view.release();
            }
            free.add(this);
        }

        @Override
        public void respond() {
            back();
            check(answeredBytes() <= room, "more bytes than there is room for");
            check(!zeros || takesZeros, "zeros that the transport does not have");
            byte[] bytes = new byte[answeredBytes()];
            zeroAnswers += zeros ? 1 : 0;
            for (int i = 0, at = 0; i < data.count() && at < bytes.length && !zeros; i++) {
                int part = Math.min(data.length(i), bytes.length - at);
                Mem.get(data.address(i), bytes, at, part);
                at += part;
            }
            byte[] senseData = new byte[senseBytes];
            Mem.get(sense, senseData, 0, senseBytes);
            boolean descriptors = senseBytes > 0 && senseData[0] == 0x72;
            int key = senseBytes == 0 ? 0 : senseData[descriptors ? 1 : 2] & 0xf;
            int at = descriptors ? 2 : 12;
            int asc = senseBytes == 0 ? 0 : (senseData[at] & 0xff) << 8 | senseData[at + 1] & 0xff;
            answered.complete(new Answer(status, key, asc, wanted, bytes, senseData));
        }

        private int answeredBytes() {
            return super.answered;
        }

        @Override
        public void aborted() {
            back();
            aborts++;
            answered.complete(null);
        }
    }

    final String name;
    final Reactor reactor;
    final ScsiNexus nexus;
    private final SimWorld world;
    final List<String> attentions = new ArrayList<>();
    /** Of what the transport was told to end commands that wait for data: {@code 1} or {@code 1 told}. */
    final List<String> waitingAborted = new ArrayList<>();
    private final List<Task> all = new ArrayList<>();
    private final ArrayDeque<Task> free = new ArrayDeque<>();
    int pieces = 1;
    /** A planted bug: what is written behind the data of tasks. */
    long plantedStray;
    boolean takesZeros;
    boolean takesView;
    int viewAnswers;
    int zeroAnswers;
    int aborts;
    boolean released;

    private FakeInitiator(SimWorld world, ScsiDevice device, TargetPort port, String name, Reactor reactor, Region memory) {
        this.world = world;
        this.name = name;
        this.reactor = reactor;
        nexus = device.open(new InitiatorPort(name, transportId(name)), port, reactor, this);
        for (int i = 0; i < TASKS; i++) {
            long place = memory.address() + (long) i * PLACE_BYTES;
            var task = new Task(place, place + TASK_BYTES);
            nexus.prepare(task);
            all.add(task);
            free.add(task);
        }
    }

    /** Opens a nexus; power-on unit attentions are still to come. */
    static FakeInitiator open(SimWorld world, ScsiDevice device, String name, Reactor reactor) throws Exception {
        Region memory = world.environment().memory().allocate("initiator", (long) TASKS * PLACE_BYTES);
        return world.call(reactor, () -> new FakeInitiator(world, device, device.ports().getFirst(), name, reactor, memory));
    }

    /** A TransportID of iSCSI, format 0. SPC-5, 7.6.4.6. */
    static byte[] transportId(String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        byte[] id = new byte[4 + (text.length + 4) / 4 * 4];
        id[0] = 5;
        id[3] = (byte) (id.length - 4);
        System.arraycopy(text, 0, id, 4, text.length);
        return id;
    }

    static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    @Override
    public int maxTransferBytes() {
        return DATA_BYTES;
    }

    @Override
    public void attention(int lun, int asc) {
        attentions.add(String.format("%d:%02X/%02X", lun, asc >> 8, asc & 0xff));
    }

    @Override
    public void abortWaiting(int lun, boolean told) {
        check(reactor.isCurrent(), "told on another reactor");
        waitingAborted.add(lun + (told ? " told" : ""));
    }

    @Override
    public void released() {
        check(!released, "released twice");
        released = true;
    }

    /** What is to be executed. */
    static final class Wish {
        final byte[] cdb;
        long lun;
        int attribute = ScsiTask.SIMPLE;
        byte[] sent = new byte[0];
        int room;

        Wish(byte[] cdb) {
            this.cdb = cdb;
        }

        Wish to(int lun) {
            this.lun = (long) lun << 48;
            return this;
        }

        Wish at(long lun) {
            this.lun = lun;
            return this;
        }

        Wish as(int attribute) {
            this.attribute = attribute;
            return this;
        }

        Wish sending(byte[] data) {
            sent = data;
            return this;
        }

        Wish taking(int bytes) {
            room = bytes;
            return this;
        }
    }

    /** A CDB in hexadecimal, filled up with zeros. */
    static Wish cdb(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        byte[] cdb = new byte[CDB_BYTES];
        System.arraycopy(bytes, 0, cdb, 0, bytes.length);
        return new Wish(cdb);
    }

    /** Begins a command. On any thread. */
    Pending begin(Wish wish) {
        var pending = new Pending();
        reactor.execute(() -> pending.task = start(wish, pending.answer));
        return pending;
    }

    /** A command that has been sent. */
    final class Pending {
        final CompletableFuture<Answer> answer = new CompletableFuture<>();
        Task task;
    }

    private Task start(Wish wish, CompletableFuture<Answer> answer) {
        Task task = free.remove();
        task.answered = answer;
        task.outstanding = true;
        Mem.put(task.cdb, wish.cdb, 0, CDB_BYTES);
        task.cdbBytes = 16;
        task.lun = wish.lun;
        task.attribute = wish.attribute;
        task.sent = wish.sent.length;
        task.room = wish.room;
        task.takesZeros = takesZeros;
        task.takesView = takesView;
        Mem.put(task.memory, wish.sent, 0, wish.sent.length);
        Mem.setLong(task.memory + Math.max(task.sent, task.room), GUARD ^ plantedStray);
        int bytes = Math.max(task.sent, task.room);
        task.data.clear();
        for (int i = 0, at = 0; i < pieces && at < bytes; i++) {
            int part = i == pieces - 1 ? bytes - at : Math.min(bytes - at, bytes / pieces + i);
            task.data.add(task.memory + at, part);
            at += part;
        }
        nexus.execute(task);
        return task;
    }

    /** Executes a command; null when it was aborted. */
    Answer execute(Wish wish) throws Exception {
        Pending pending = begin(wish);
        return world.get(pending.answer);
    }

    /** Executes a command without data, or whose data comes from the device. */
    Answer execute(String hex, int room) throws Exception {
        return execute(cdb(hex).taking(room));
    }

    /** Takes the unit attentions of a logical unit. */
    FakeInitiator ready(int lun) throws Exception {
        Answer answer = execute(cdb("00").to(lun));
        while (answer.key() == SenseKey.UNIT_ATTENTION) {
            answer = execute(cdb("00").to(lun));
        }
        return this;
    }

    /** The transport ends a command itself. */
    Answer refuse(int key, int asc) throws Exception {
        var answer = new CompletableFuture<Answer>();
        world.on(reactor, () -> {
            Task task = free.remove();
            task.answered = answer;
            task.outstanding = true;
            task.sent = 0;
            task.room = 0;
            Mem.setLong(task.memory, GUARD);
            nexus.refuse(task, key, asc);
        });
        return world.get(answer);
    }

    /** Task management; gives the service response. */
    CompletableFuture<Integer> manage(Management function, int lun, Pending of) {
        var done = new CompletableFuture<Integer>();
        reactor.execute(() -> nexus.manage(function, (long) lun << 48, of == null || of.task == null || !of.task.outstanding
            ? null : of.task, done::complete));
        return done;
    }

    /** Ends the nexus, and waits until it is released. */
    void close() throws Exception {
        world.on(reactor, nexus::close);
        world.until(() -> released);
        check(all.stream().noneMatch(task -> task.outstanding), "a task has not come back");
    }
}
