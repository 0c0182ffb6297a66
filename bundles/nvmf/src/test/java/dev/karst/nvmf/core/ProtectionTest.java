package dev.karst.nvmf.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.env.sim.SimRandom;
import dev.karst.nvmf.core.FakeConnection.Answer;
import dev.karst.nvmf.core.io.ProtectedBlocks;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.FeaturesCommand;
import dev.karst.spec.nvme.HostBehaviorSupport;
import dev.karst.spec.nvme.IdentifyCommand;
import dev.karst.spec.nvme.IdentifyController;
import dev.karst.spec.nvme.IdentifyNamespace;
import dev.karst.spec.nvme.NvmCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvme.nvm.CopyCommand;
import dev.karst.spec.nvme.nvm.CopyRange1;
import dev.karst.spec.nvme.nvm.IdentifyNvmNamespace;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Protection information as hosts ask for it, on memory devices under the real block layer. */
class ProtectionTest {
    private static final int INVALID = NvmeStatus.NVM_INVALID_PROTECTION_INFORMATION | NvmeStatus.DNR;
    private static final int WRONG_LENGTH = NvmeStatus.DATA_SGL_LENGTH_INVALID | NvmeStatus.DNR;
    private static final int BLOCKS = 64;
    private static final int PRACT = NvmCommand.PRACT;
    private static final int ALL = ProtectedBlocks.ALL;
    private static final int NO_PLACE = NvmCommand.PRCHK_GUARD | NvmCommand.PRCHK_APPLICATION;

    /** Something done with namespace 2, which has protection information. */
    private interface Body {
        void run(ProtectionTest test) throws Exception;
    }

    /** An application tag, and which of its bits are checked. */
    private record Tag(int value, int mask) {}

    private static final Tag NO_TAG = new Tag(0, 0);

    private Stage stage;
    private Host host;
    private FakeConnection io;
    private ProtectedBlocks model;

    private static void with(int bytes, int type, boolean atStart, Body body) {
        with(bytes, type, atStart, 16, body);
    }

    private static void with(int bytes, int type, boolean atStart, int guard, Body body) {
        SimWorld.run(1, 1, world -> run(world, new ProtectedBlocks(bytes, type, atStart, guard, BLOCKS), body));
    }

    private static void run(SimWorld world, ProtectedBlocks model, Body body) throws Exception {
        run(world, model, false, body);
    }

    /** On a device itself, or through one that stands on it. */
    private static void run(SimWorld world, ProtectedBlocks model, boolean through, Body body) throws Exception {
        var test = new ProtectionTest();
        test.model = model;
        test.stage = Stage.usual(world);
        test.device("Checked", true);
        if (through) {
            test.stage.call("bdev_passthru_create", "name", "Through", "base_bdev_name", "Checked");
        }
        test.add(through ? "Through" : "Checked", false);
        test.host = new Host(test.stage, world.reactor(0));
        test.io = test.host.ioQueue(world.reactors().next());
        if (model.guard != 16) {
            expect(0, test.behave(1));
        }
        for (int i = 0; i < BLOCKS; i++) {
            model.blocks[i] = test.send(Opcode.NVM_READ, i, 1, 0, NO_TAG, null).data();
        }
        body.run(test);
        if (through) {
            test.stage.call("nvmf_subsystem_remove_ns", "nqn", Stage.NQN, "nsid", 2);
            test.stage.call("bdev_passthru_delete", "name", "Through");
        }
        test.stage.close();
    }

    private void disk(String name, boolean interleaved, boolean hidden) throws Exception {
        device(name, interleaved);
        add(name, hidden);
    }

    private void device(String name, boolean interleaved) throws Exception {
        stage.call("bdev_malloc_create", "name", name, "num_blocks", BLOCKS, "block_size", 512, "md_size",
            model.bytes, "md_interleave", interleaved, "dif_type", model.type, "dif_is_head_of_md", model.atStart,
            "dif_pi_format", model.guard / 32);
    }

    private void add(String name, boolean hidden) throws Exception {
        stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace",
            Map.of("bdev_name", name, "hide_metadata", hidden));
    }

    private void describe(long sqe, int opcode, int first, int blocks, int prinfo) {
        Host.transfer(sqe, opcode, first, blocks);
        Sqe.NSID.set(sqe, 2);
        NvmCommand.PRINFO.set(sqe, prinfo);
        NvmCommand.ILBRT.set(sqe, model.type == 3 ? 0 : first);
    }

    /** A command that says of the reference tag what is right. */
    private Answer send(int opcode, int first, int blocks, int prinfo, Tag tag, byte[] out) throws Exception {
        int length = opcode == Opcode.NVM_READ ? blocks * (model.isBare(prinfo) ? 512 : model.size) : 0;
        return Host.send(stage, io, sqe -> {
            describe(sqe, opcode, first, blocks, prinfo);
            NvmCommand.LBAT.set(sqe, tag.value);
            NvmCommand.LBATM.set(sqe, tag.mask);
        }, length, out);
    }

    /** Sets Host Behavior Support. */
    private Answer behave(int lbafee) throws Exception {
        byte[] data = new byte[HostBehaviorSupport.BYTES];
        data[2] = (byte) lbafee;
        return Host.send(stage, host.admin, sqe -> {
            Sqe.OPC.set(sqe, Opcode.ADMIN_SET_FEATURES);
            FeaturesCommand.FID.set(sqe, FeaturesCommand.FID_HOST_BEHAVIOR_SUPPORT);
        }, 0, data);
    }

    /** A source range in the format that goes with the guard. */
    private byte[] range(int source, int blocks, int expected, int mask) {
        byte[] range = NvmCommandsTest.sources(source, blocks);
        int reference = model.type == 3 ? 0 : source;
        if (model.guard != 16) {
            range = Arrays.copyOf(range, CopyRange1.BYTES);
            ByteBuffer.wrap(range).putLong(28, reference);
        } else {
            ByteBuffer.wrap(range).order(ByteOrder.LITTLE_ENDIAN).putInt(24, reference);
        }
        ByteBuffer.wrap(range).order(ByteOrder.LITTLE_ENDIAN)
            .putShort(range.length - 4, (short) expected).putShort(range.length - 2, (short) mask);
        return range;
    }

    private Answer copy(int source, int target, int blocks, int[] prinfo, int expected, Tag tag) throws Exception {
        byte[] range = range(source, blocks, expected, tag.mask);
        return Host.send(stage, io, sqe -> {
            CopyCommand.DESFMT.set(sqe, model.guard == 16 ? 0 : 1);
            Sqe.OPC.set(sqe, Opcode.NVM_COPY);
            Sqe.NSID.set(sqe, 2);
            CopyCommand.SDLBA.set(sqe, target);
            CopyCommand.PRINFOR.set(sqe, prinfo[0]);
            CopyCommand.PRINFOW.set(sqe, prinfo[1]);
            CopyCommand.ILBRT.set(sqe, model.type == 3 ? 0 : target);
            CopyCommand.LBAT.set(sqe, tag.value);
            CopyCommand.LBATM.set(sqe, tag.mask);
        }, 0, range);
    }

    private static void expect(int status, Answer answer) {
        assertEquals(NvmeStatus.text(status), NvmeStatus.text(answer.status()));
    }

    private byte[] block(int number, int value, int tag) {
        byte[] block = new byte[model.size];
        Arrays.fill(block, (byte) value);
        model.protect(block, number, tag);
        return block;
    }

    // What hosts are told.

    @Test
    void shouldSayInIdentifyWhatProtectionThereIs() {
        for (int type = 1; type <= 3; type++) {
            for (boolean atStart : new boolean[] {false, true}) {
                int which = type;
                with(16, type, atStart, test -> {
                    byte[] page = test.host.identify(IdentifyCommand.CNS_NAMESPACE, 2).data();
                    assertEquals(which | (atStart ? 8 : 0), Host.look(test.stage, page, IdentifyNamespace.DPS::get));
                    assertEquals(1 << which - 1 | (atStart ? 8 : 16),
                        Host.look(test.stage, page, IdentifyNamespace.DPC::get));
                    assertEquals(16, Host.look(test.stage, page, IdentifyNamespace.LBAF0_MS::get));
                });
            }
        }
    }

    @Test
    void shouldSayInIdentifyWhichGuardThereIs() {
        int[][] expected = {{16, 0, 0}, {32, 1, 16}, {64, 2, 0}};
        for (int[] each : expected) {
            with(16, 1, false, each[0], test -> {
                byte[] controller = test.host.identify(IdentifyCommand.CNS_CONTROLLER, 0).data();
                assertEquals(0x8001, Host.look(test.stage, controller, IdentifyController.CTRATT::get));
                byte[] page = test.host.identify(IdentifyCommand.CNS_COMMAND_SET_NAMESPACE, 2).data();
                assertEquals(each[1], Host.look(test.stage, page, IdentifyNvmNamespace.ELBAF0_PIF::get));
                assertEquals(each[2], Host.look(test.stage, page, IdentifyNvmNamespace.ELBAF0_STS::get));
                assertEquals(0, Host.look(test.stage, page, IdentifyNvmNamespace.LBSTM::get));
            });
        }
    }

    /** NVMe Base 2.1, 5.1.25.1.14: without LBAFEE a host does not know what follows the data. */
    @Test
    void shouldRefuseIoWhenTheHostHasNotSaidThatItKnowsTheGuard() {
        int unknown = NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR;
        with(16, 1, false, 64, test -> {
            expect(NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR, test.behave(2));
            expect(0, test.send(Opcode.NVM_READ, 0, 1, ALL, NO_TAG, null));
            expect(0, test.behave(0));
            for (int opcode : new int[] {Opcode.NVM_READ, Opcode.NVM_VERIFY, Opcode.NVM_WRITE_ZEROES}) {
                expect(unknown, test.send(opcode, 0, 1, 0, NO_TAG, null));
            }
            expect(unknown, test.copy(0, 9, 1, new int[] {0, 0}, 0, NO_TAG));
            byte[] behavior = test.host.admin(Opcode.ADMIN_GET_FEATURES,
                sqe -> FeaturesCommand.FID.set(sqe, FeaturesCommand.FID_HOST_BEHAVIOR_SUPPORT), 512).data();
            assertArrayEquals(new byte[512], behavior);
        });
        with(16, 1, false, 16, test -> expect(0, test.send(Opcode.NVM_READ, 0, 1, ALL, NO_TAG, null)));
    }

    @Test
    void shouldRefuseAStorageTagAndAnotherReferenceTagInItsUpperBits() {
        for (int guard : new int[] {32, 64}) {
            with(16, 1, false, guard, test -> {
                for (int dword : new int[] {2, 3}) {
                    boolean isTag = dword == 3 || guard == 32;
                    int prinfo = dword == 2 ? PRACT : NvmCommand.PRCHK_REFERENCE | PRACT;
                    expect(isTag ? INVALID : 0, Host.send(test.stage, test.io, sqe -> {
                        test.describe(sqe, Opcode.NVM_WRITE, 5, 1, prinfo);
                        (dword == 2 ? Sqe.CDW2 : Sqe.CDW3).set(sqe, 1);
                    }, 0, new byte[512]));
                }
            });
        }
    }

    @Test
    void shouldShowPlainBlocksWhenMetadataIsHidden() {
        for (boolean interleaved : new boolean[] {false, true}) {
            with(8, 1, false, test -> {
                test.disk("Hidden", interleaved, true);
                byte[] page = test.host.identify(IdentifyCommand.CNS_NAMESPACE, 3).data();
                assertEquals(0, Host.look(test.stage, page, IdentifyNamespace.FLBAS::get));
                assertEquals(0, Host.look(test.stage, page, IdentifyNamespace.MC::get));
                assertEquals(0, Host.look(test.stage, page, IdentifyNamespace.DPC::get));
                assertEquals(0, Host.look(test.stage, page, IdentifyNamespace.DPS::get));
                assertEquals(0, Host.look(test.stage, page, IdentifyNamespace.LBAF0_MS::get));
                byte[] data = new byte[1024];
                Arrays.fill(data, (byte) 9);
                expect(0, Host.send(test.stage, test.io, sqe -> {
                    test.describe(sqe, Opcode.NVM_WRITE, 5, 2, PRACT | ALL);
                    Sqe.NSID.set(sqe, 3);
                    NvmCommand.ILBRT.set(sqe, 77);
                }, 0, data));
                Answer answer = Host.send(test.stage, test.io, sqe -> {
                    test.describe(sqe, Opcode.NVM_READ, 5, 2, 0);
                    Sqe.NSID.set(sqe, 3);
                }, 1024, null);
                expect(0, answer);
                assertArrayEquals(data, answer.data());
            });
        }
    }

    @Test
    void shouldSaveThatMetadataIsHiddenWhenItIs() {
        with(8, 1, false, test -> {
            test.disk("Hidden", false, true);
            var added = test.stage.management.calls().stream()
                .filter(call -> call.method().equals("nvmf_subsystem_add_ns"))
                .map(call -> (Map<?, ?>) call.parameters().get("namespace")).toList();
            assertFalse(added.get(1).containsKey("hide_metadata"));
            assertEquals(true, added.get(2).get("hide_metadata"));
        });
    }

    // What is refused.

    @Test
    void shouldRefuseAReferenceTagOfAnotherPlaceN63() {
        for (int type = 1; type <= 3; type++) {
            int which = type;
            with(8, type, false, test -> {
                int checked = NvmCommand.PRCHK_REFERENCE;
                for (int prinfo : new int[] {checked, PRACT | checked, PRACT}) {
                    boolean right = which == 1 && prinfo == PRACT;
                    byte[] out = new byte[test.model.isBare(prinfo) ? 512 : 520];
                    expect(right ? 0 : INVALID, Host.send(test.stage, test.io, sqe -> {
                        test.describe(sqe, Opcode.NVM_WRITE, 5, 1, prinfo);
                        NvmCommand.ILBRT.set(sqe, 6);
                    }, 0, out));
                }
                expect(which == 3 ? INVALID : 0, test.send(Opcode.NVM_VERIFY, 9, 1, checked, NO_TAG, null));
            });
        }
    }

    @Test
    void shouldRefuseWhatCannotBeMadeWhenNothingTravelsOneWay() {
        with(8, 1, false, test -> {
            expect(INVALID, test.send(Opcode.NVM_COMPARE, 0, 1, PRACT, NO_TAG, new byte[512]));
            expect(INVALID, test.send(Opcode.NVM_VERIFY, 0, 1, PRACT, NO_TAG, null));
            expect(INVALID, test.copy(0, 9, 1, new int[] {PRACT, 0}, 0, NO_TAG));
            expect(INVALID, test.copy(0, 9, 1, new int[] {NO_PLACE | PRACT, PRACT}, 3, new Tag(4, 0xffff)));
            expect(WRONG_LENGTH, test.send(Opcode.NVM_WRITE, 0, 2, 0, NO_TAG, new byte[1024]));
        });
    }

    private CompletableFuture<Answer> half(int fuse, int prinfo, byte[] data) {
        return io.send(sqe -> {
            describe(sqe, fuse == 1 ? Opcode.NVM_COMPARE : Opcode.NVM_WRITE, 7, 1, prinfo);
            Sqe.FUSE.set(sqe, fuse);
        }, 0, data).answered;
    }

    @Test
    void shouldCheckBothHalvesOfAFusedPairAlike() {
        with(8, 1, false, test -> {
            byte[] there = test.model.blocks[7];
            byte[] next = test.block(7, 3, 1);
            for (int prinfo : new int[] {0, ALL}) {
                var answers = test.stage.world.call(test.io.reactor(),
                    () -> new CompletableFuture<?>[] {test.half(1, ALL, there), test.half(2, prinfo, next)});
                for (CompletableFuture<?> answer : answers) {
                    expect(prinfo == ALL ? 0 : NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR,
                        (Answer) test.stage.world.get(answer));
                }
            }
            assertArrayEquals(next, test.send(Opcode.NVM_READ, 7, 1, ALL, NO_TAG, null).data());
        });
    }

    // Against the model.

    /** Sends one random command, and says whether the answer is the model's. */
    private boolean step(SimRandom random) throws Exception {
        int first = random.below(BLOCKS / 2 - 4);
        int count = 1 + random.below(4);
        int prinfo = random.below(8) & (model.type == 3 ? NO_PLACE : ALL);
        int tag = new int[] {7, 8, 0x107}[random.below(3)];
        int mask = new int[] {0xffff, 0xff, 0}[random.below(3)];
        int made = random.oneIn(2) ? PRACT : 0;
        return switch (random.below(7)) {
            case 0, 1 -> write(random, first, count, prinfo | made, tag, mask);
            case 2 -> read(first, count, prinfo | made, tag, mask);
            case 3 -> zeroes(first, count, prinfo | made, tag);
            case 4 -> compare(first, count, prinfo, tag, mask, random.oneIn(3));
            case 5 -> model.check(model.copy(first, count), first, prinfo, tag, mask)
                == send(Opcode.NVM_VERIFY, first, count, prinfo, new Tag(tag, mask), null).status();
            default -> copyOne(first, BLOCKS / 2 + first, count, prinfo | made, tag, mask);
        };
    }

    private boolean write(SimRandom random, int first, int count, int prinfo, int tag, int mask) throws Exception {
        byte[][] some = new byte[count][model.size];
        for (int i = 0; i < count; i++) {
            random.bytes(some[i]);
            model.protect(some[i], first + i, new int[] {7, 8, 0xffff}[random.below(3)]);
            if (random.oneIn(4)) {
                some[i][random.oneIn(2) ? random.below(model.size) : model.place() + random.below(model.protectionBytes)] ^= 1;
            }
        }
        byte[] sent = model.travelling(some, prinfo);
        int status = send(Opcode.NVM_WRITE, first, count, prinfo, new Tag(tag, mask), sent).status();
        if ((prinfo & PRACT) != 0) {
            for (int i = 0; i < count; i++) {
                model.protect(some[i], first + i, tag);
            }
            model.put(first, some);
            return status == 0;
        }
        int expected = model.check(some, first, prinfo, tag, mask);
        if (expected == 0) {
            model.put(first, some);
        }
        return status == expected;
    }

    private boolean read(int first, int count, int prinfo, int tag, int mask) throws Exception {
        Answer answer = send(Opcode.NVM_READ, first, count, prinfo, new Tag(tag, mask), null);
        byte[][] there = model.copy(first, count);
        int expected = model.check(there, first, prinfo, tag, mask);
        return answer.status() == expected
            && (expected != 0 || Arrays.equals(answer.data(), model.travelling(there, prinfo)));
    }

    private boolean zeroes(int first, int count, int prinfo, int tag) throws Exception {
        for (int i = first; i < first + count; i++) {
            if ((prinfo & PRACT) != 0) {
                model.blocks[i] = new byte[model.size];
                model.protect(model.blocks[i], i, tag);
            } else {
                model.blocks[i] = model.unprotectedZeros();
            }
        }
        return send(Opcode.NVM_WRITE_ZEROES, first, count, prinfo, new Tag(tag, 0), null).status() == 0;
    }

    private boolean compare(int first, int count, int prinfo, int tag, int mask, boolean other) throws Exception {
        byte[][] there = model.copy(first, count);
        int checked = model.check(there, first, prinfo, tag, mask);
        byte[] with = model.travelling(there, 0);
        with[with.length - 1] ^= (byte) (other ? 1 : 0);
        int expected = checked == 0 && other ? NvmeStatus.COMPARE_FAILURE : checked;
        return send(Opcode.NVM_COMPARE, first, count, prinfo, new Tag(tag, mask), with).status() == expected;
    }

    private boolean copyOne(int source, int target, int count, int prinfo, int tag, int mask) throws Exception {
        byte[][] some = model.copy(source, count);
        int expected = model.check(some, source, prinfo, tag, mask);
        for (int i = 0; i < count; i++) {
            byte[] block = some[i];
            if ((prinfo & PRACT) != 0) {
                model.protect(block, target + i, tag);
            } else if (model.type != 3 && model.applicationTag(block) != 0xffff) {
                ByteBuffer.wrap(block).putInt(model.place() + model.protectionBytes - 4, target + i);
            }
        }
        if (expected == 0) {
            model.put(target, some);
        }
        return copy(source, target, count, new int[] {prinfo, prinfo}, tag, new Tag(tag, mask)).status() == expected;
    }

    /** Bytes of metadata, type, whether it is at the start, bits of the guard. */
    private static final int[][] FORMATS = {{8, 1, 0, 16}, {8, 2, 1, 16}, {8, 3, 0, 16}, {16, 1, 0, 16}, {16, 2, 1, 16},
        {64, 3, 0, 16}, {16, 1, 0, 32}, {16, 3, 0, 64}, {16, 2, 1, 64}, {32, 1, 0, 64}, {64, 3, 1, 32}};

    private static ProtectedBlocks model(SimWorld world) {
        int[] format = FORMATS[(int) world.seed() % FORMATS.length];
        return new ProtectedBlocks(format[0], format[1], format[2] == 1, format[3], BLOCKS);
    }

    private void playAtRandom(SimRandom random) throws Exception {
        io.pieces = 1 + random.below(3);
        for (int i = 0; i < 150; i++) {
            assertTrue(step(random), "step " + i);
        }
        for (int i = 0; i < BLOCKS; i++) {
            byte[] there = send(Opcode.NVM_READ, i, 1, 0, NO_TAG, null).data();
            assertArrayEquals(model.blocks[i], there, "block " + i);
        }
    }

    @Test
    void shouldDoWhatTheModelDoesWhenAskedAtRandomN63() {
        SimWorld.run(0, 22, world -> run(world, model(world), test -> test.playAtRandom(world.random())));
    }

    @Test
    void shouldDoWhatTheModelDoesWhenAskedThroughAPassthruDevice() {
        SimWorld.run(100, 22, world -> run(world, model(world), true, test -> test.playAtRandom(world.random())));
    }

    /** What is read is looked at, down to one bit of the data that the checks do not see. */
    @Test
    void shouldBeNoticedWhenTheModelHoldsSomethingElse() {
        SimWorld.run(0, 1, world -> run(world, model(world), test -> {
            byte[] data = test.model.blocks[3];
            data[80] ^= 1;
            test.model.protect(data, 3, 0);
            boolean agrees = true;
            for (int i = 0; i < BLOCKS && agrees; i++) {
                agrees = test.read(i, 1, NO_PLACE, 0, 0);
            }
            assertFalse(agrees);
        }));
    }
}
