package dev.karst.nvmf.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.BdevRegistry;
import dev.karst.bdev.Claim;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.core.FakeConnection.Answer;
import dev.karst.nvmf.core.model.AsyncEvents;
import dev.karst.nvmf.core.model.Namespace;
import dev.karst.nvmf.core.model.SizeLimits;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.AbortCommand;
import dev.karst.spec.nvme.FeaturesCommand;
import dev.karst.spec.nvme.IdentifyCommand;
import dev.karst.spec.nvme.IdentifyController;
import dev.karst.spec.nvme.IdentifyNamespace;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Property;
import dev.karst.spec.nvme.Sqe;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a host does in its ordinary life. */
class TargetTest {
    /** A registry whose device goes as soon as somebody has claimed it. */
    private static final class VanishingBdevs implements BdevRegistry {
        /** Takes the device away. */
        interface Vanishing {
            void run() throws StorageException;
        }

        private final BdevRegistry registry;
        private final Vanishing vanishing;

        VanishingBdevs(BdevRegistry registry, Vanishing vanishing) {
            this.registry = registry;
            this.vanishing = vanishing;
        }

        @Override
        public List<Bdev> all() {
            return registry.all();
        }

        @Override
        public Optional<Bdev> find(String name) {
            return registry.find(name);
        }

        @Override
        public BdevDescriptor open(String name, boolean write, Reactor listener, BdevEvents events)
            throws StorageException {
            return registry.open(name, write, listener, events);
        }

        @Override
        public void claim(BdevDescriptor descriptor, Claim claim) throws StorageException {
            registry.claim(descriptor, claim);
            vanishing.run();
        }

        @Override
        public void release(BdevDescriptor descriptor) {
            registry.release(descriptor);
        }
    }

    private static byte[] pattern(int bytes, int seed) {
        byte[] data = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            data[i] = (byte) (i * 31 + seed + (i >> 9));
        }
        return data;
    }

    @Test
    void shouldReadWhatWasWrittenWhenQueuesLieOnSeveralReactors() {
        SimWorld.run(1, 40, world -> {
            Stage stage = Stage.usual(world);
            var host = new Host(stage, world.reactor(0));
            int last = world.reactors().all().size() - 1;
            FakeConnection one = host.ioQueue(world.reactor(last));
            FakeConnection two = host.ioQueue(world.reactor(0));
            one.pieces = 3;
            byte[] data = pattern(8192, 5);
            assertEquals(0, host.write(one, 100, 16, data).status());
            Answer answer = host.read(two, 100, 16, 8192);
            assertEquals(0, answer.status());
            assertArrayEquals(data, answer.data());
            stage.close();
        });
    }

    @Test
    void shouldIdentifyAsHostsExpect() {
        SimWorld.run(2, 3, world -> {
            Stage stage = Stage.usual(world);
            var host = new Host(stage, world.reactor(0));
            assertEquals(Property.VS_2_0, host.property(Property.VS));
            assertEquals(Property.cap(128, 30), host.property(Property.CAP));
            byte[] controller = host.identify(IdentifyCommand.CNS_CONTROLLER, 0).data();
            assertEquals("KARST1", Host.look(stage, controller, IdentifyController.SN::get));
            assertEquals("Karst", Host.look(stage, controller, IdentifyController.MN::get));
            assertEquals(5, Host.look(stage, controller, IdentifyController.MDTS::get));
            assertEquals(host.cntlid, Host.look(stage, controller, IdentifyController.CNTLID::get));
            assertEquals(100, Host.look(stage, controller, IdentifyController.KAS::get));
            assertEquals(260, Host.look(stage, controller, IdentifyController.IOCCSZ::get));
            assertEquals(Stage.NQN, Host.look(stage, controller, IdentifyController.SUBNQN::get));
            byte[] namespace = host.identify(IdentifyCommand.CNS_NAMESPACE, 1).data();
            assertEquals(8192, Host.look(stage, namespace, IdentifyNamespace.NSZE::get));
            assertEquals(9, Host.look(stage, namespace, IdentifyNamespace.LBAF0_LBADS::get));
            assertArrayEquals(new byte[4096], host.identify(IdentifyCommand.CNS_NAMESPACE, 2).data());
            byte[] list = host.identify(IdentifyCommand.CNS_ACTIVE_NAMESPACES, 0).data();
            assertEquals(1, ByteBuffer.wrap(list).order(ByteOrder.LITTLE_ENDIAN).getInt());
            byte[] descriptors = host.identify(IdentifyCommand.CNS_NAMESPACE_DESCRIPTORS, 1).data();
            assertEquals(List.of(2, 16, 3, 16, 4, 1), List.of((int) descriptors[0], (int) descriptors[1],
                (int) descriptors[20], (int) descriptors[21], (int) descriptors[40], (int) descriptors[41]));
            for (int cns : new int[] {0x05, 0x06, 0x07, 0x08, 0x1c}) {
                assertEquals(0, host.identify(cns, cns == 0x07 ? 0 : 1).status(), "CNS " + cns);
            }
            stage.close();
        });
    }

    @Test
    void shouldGrantQueuesAndHoldFeatures() {
        SimWorld.run(3, 3, world -> {
            Stage stage = Stage.usual(world);
            var host = new Host(stage, world.reactor(0));
            assertEquals(0x0007_0007, host.setFeature(FeaturesCommand.FID_NUMBER_OF_QUEUES, 0x0001_0001).result());
            assertEquals(0, host.setFeature(FeaturesCommand.FID_KEEP_ALIVE_TIMER, 15_000).status());
            assertEquals(20_000, host.getFeature(FeaturesCommand.FID_KEEP_ALIVE_TIMER).result());
            assertEquals(0, host.setFeature(FeaturesCommand.FID_ARBITRATION, 3).status());
            assertEquals(3, host.getFeature(FeaturesCommand.FID_ARBITRATION).result());
            assertEquals(1, host.getFeature(FeaturesCommand.FID_VOLATILE_WRITE_CACHE).result());
            assertEquals(0xffff, host.getFeature(FeaturesCommand.FID_TEMPERATURE_THRESHOLD).result());
            stage.close();
        });
    }

    @Test
    void shouldEndTheAssociationWhenNoKeepAliveComes() {
        SimWorld.run(4, 10, world -> {
            Stage stage = Stage.usual(world);
            var connecting = new Host.Connecting();
            connecting.katoMs = 5000;
            var host = new Host(stage, world.reactor(0), connecting);
            FakeConnection io = host.ioQueue(world.reactors().next());
            for (int i = 0; i < 3; i++) {
                world.runFor(9_900);
                assertTrue(!host.admin.closing && !io.closing, "ended too early");
                assertEquals(0, host.admin(Opcode.ADMIN_KEEP_ALIVE, sqe -> { }).status());
            }
            world.runFor(10_100);
            world.until(() -> host.admin.released && io.released);
            assertTrue(stage.target.subsystem(Stage.NQN).controllers().isEmpty());
            stage.close();
        });
    }

    @Test
    void shouldShutDownAndComeBackWhenTheHostSaysSo() {
        SimWorld.run(5, 20, world -> {
            Stage stage = Stage.usual(world);
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactors().next());
            var event = world.call(world.reactor(0), () -> host.admin.send(sqe -> Sqe.OPC.set(sqe, 0x0c)).answered);
            assertEquals(0, host.setProperty(Property.CC, Host.CC_ENABLE | 1 << Property.CC_SHN_SHIFT).status());
            world.until(() -> io.released);
            world.settle(1);
            assertEquals(Property.CSTS_RDY | Property.CSTS_SHST_COMPLETE, host.property(Property.CSTS));
            assertEquals(NvmeStatus.ABORTED_SQ_DELETION, world.get(event).status());
            assertEquals(0, host.setProperty(Property.CC, 0).status());
            assertEquals(0, host.property(Property.CSTS) & Property.CSTS_RDY);
            assertEquals(NvmeStatus.COMMAND_SEQUENCE_ERROR | NvmeStatus.DNR, host.identify(1, 0).status());
            assertEquals(0, host.setProperty(Property.CC, Host.CC_ENABLE).status());
            assertEquals(Property.CSTS_RDY, host.property(Property.CSTS));
            host.io.clear();
            host.ioQueue(world.reactor(0));
            stage.close();
        });
    }

    @Test
    void shouldEndIoQueuesAndThenNotBeReadyWhenReset() {
        SimWorld.run(6, 20, world -> {
            Stage stage = Stage.usual(world);
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactors().next());
            host.setProperty(Property.CC, 0);
            world.until(() -> io.released);
            world.settle(1);
            assertEquals(0, host.property(Property.CSTS));
            stage.close();
        });
    }

    @Test
    void shouldTellTheHostWhenNamespacesComeAndGo() {
        SimWorld.run(7, 30, world -> {
            Stage stage = Stage.usual(world);
            stage.module.create("Late", 64, false, false);
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactors().next());
            host.setFeature(FeaturesCommand.FID_ASYNC_EVENT_CONFIGURATION, AsyncEvents.NAMESPACE_ATTRIBUTE);
            var event = world.call(world.reactor(0), () -> host.admin.send(sqe -> Sqe.OPC.set(sqe, 0x0c)).answered);
            assertEquals(2L, stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace",
                Map.of("bdev_name", "Late")));
            assertEquals(0x04_00_02, world.get(event).result());
            assertEquals(2, host.log(0x04, 0, 4096).data()[0]);
            assertEquals(0, host.log(0x04, 0, 4096).data()[0]);
            var read = Host.send(stage, io, sqe -> {
                Host.transfer(sqe, Opcode.NVM_READ, 0, 1);
                Sqe.NSID.set(sqe, 2);
            }, 512, null);
            assertEquals(0, read.status());
            var gone = world.call(world.reactor(0), () -> host.admin.send(sqe -> Sqe.OPC.set(sqe, 0x0c)).answered);
            stage.module.remove("Late");
            assertEquals(0x04_00_02, world.get(gone).result());
            var again = Host.send(stage, io, sqe -> {
                Host.transfer(sqe, Opcode.NVM_READ, 0, 1);
                Sqe.NSID.set(sqe, 2);
            }, 512, null);
            assertEquals(NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR, again.status());
            stage.close();
        });
    }

    @Test
    void shouldHoldTheNewSizeWhenADeviceIsResized() {
        SimWorld.run(8, 10, world -> {
            Stage stage = Stage.usual(world);
            stage.module.create("Elastic", 64, false, false);
            stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace", Map.of("bdev_name", "Elastic"));
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactors().next());
            host.setFeature(FeaturesCommand.FID_ASYNC_EVENT_CONFIGURATION, AsyncEvents.NAMESPACE_ATTRIBUTE);
            var event = world.call(world.reactor(0), () -> host.admin.send(sqe -> Sqe.OPC.set(sqe, 0x0c)).answered);
            stage.module.resize("Elastic", 32);
            assertEquals(0x04_00_02, world.get(event).result());
            world.settle(1);
            byte[] namespace = host.identify(IdentifyCommand.CNS_NAMESPACE, 2).data();
            assertEquals(32, Host.look(stage, namespace, IdentifyNamespace.NSZE::get));
            var read = Host.send(stage, io, sqe -> {
                Host.transfer(sqe, Opcode.NVM_READ, 31, 2);
                Sqe.NSID.set(sqe, 2);
            }, 1024, null);
            assertEquals(NvmeStatus.LBA_OUT_OF_RANGE | NvmeStatus.DNR, read.status());
            stage.close();
        });
    }

    @Test
    void shouldAbortWhatIsUnderWayOnAnotherReactor() {
        SimWorld.run(9, 20, world -> {
            Stage stage = Stage.usual(world);
            stage.module.create("Slow", 64, false, false);
            stage.module.holds = true;
            stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace", Map.of("bdev_name", "Slow"));
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactor(world.reactors().all().size() - 1));
            var held = world.call(io.reactor(), () -> io.send(sqe -> {
                Host.transfer(sqe, Opcode.NVM_READ, 0, 1);
                Sqe.NSID.set(sqe, 2);
                Sqe.CID.set(sqe, 99);
            }, 512, null).answered);
            world.until(() -> stage.module.held.size() == 1);
            assertEquals(0, host.admin(Opcode.ADMIN_ABORT, sqe -> {
                AbortCommand.SQID.set(sqe, 1);
                AbortCommand.CID.set(sqe, 99);
            }).status());
            assertEquals(NvmeStatus.COMMAND_ABORT_REQUESTED, world.get(held).status());
            stage.module.holds = false;
            stage.close();
        });
    }

    @Test
    void shouldLeaveNothingHalfDeletedWhenAHostDoesNotLetGoOfASubsystem() {
        SimWorld.run(11, 5, world -> {
            Stage stage = Stage.usual(world);
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactors().next());
            host.admin.deaf = true;
            io.deaf = true;
            var refused = assertThrows(
                StorageException.class, () -> stage.call("nvmf_delete_subsystem", "nqn", Stage.NQN));
            assertEquals(-Errno.ETIMEDOUT, refused.code(), refused.getMessage());
            assertEquals(Set.of(), stage.transport.listening);
            world.settle(1);
            assertNull(stage.bdevs.find("Malloc0").orElseThrow().claimedBy());
            host.admin.deaf = false;
            io.deaf = false;
            stage.close();
        });
    }

    @Test
    void shouldListenAtTheOthersWhenOneAddressCannotBeHadAgain() {
        SimWorld.run(12, 1, world -> {
            Stage stage = Stage.usual(world);
            for (String port : List.of("4421", "4422")) {
                stage.call("nvmf_subsystem_add_listener", "nqn", Stage.NQN, "listen_address", Stage.address(port));
            }
            stage.target.removeProvider(stage.transport);
            stage.transport.takenPort = "4421";
            stage.target.addProvider(stage.transport);
            var ports = stage.transport.listening.stream().map(ListenAddress::trsvcid).sorted().toList();
            assertEquals(List.of("4420", "4422"), ports);
            stage.close();
        });
    }

    @Test
    void shouldRefuseTheNamespaceWhenItsDeviceGoesMeanwhile() {
        SimWorld.run(13, 5, world -> {
            Stage stage = Stage.usual(world);
            stage.module.create("Short", 64, false, false);
            var registry = new VanishingBdevs(stage.bdevs, () -> stage.module.remove("Short"));
            var target = new NvmfTarget(world.environment(), world.reactors(), registry);
            target.createSubsystem(
                new Subsystem.Spec("nqn.2016-06.io.spdk:short", "1", "Karst", 8, 1, 9, false, SizeLimits.USUAL, false), true);
            Subsystem subsystem = target.subsystem("nqn.2016-06.io.spdk:short");
            var refused = assertThrows(StorageException.class,
                () -> target.namespaces.add(
                    subsystem, new Namespace.Spec(0, "Short", null, null, null, 0, false, false, null)));
            assertEquals(-Errno.ENODEV, refused.code(), refused.getMessage());
            assertNull(subsystem.namespace(1));
            world.settle(1);
            target.close();
            stage.close();
        });
    }

    @Test
    void shouldGoOnWhenTheModuleBelowIsReplaced() {
        SimWorld.run(10, 20, world -> {
            Stage stage = Stage.usual(world);
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactors().next());
            byte[] data = pattern(4096, 3);
            assertEquals(0, host.write(io, 0, 8, data).status());
            stage.bdevs.removeModule(stage.malloc);
            var waiting = world.call(io.reactor(),
                () -> io.send(sqe -> Host.transfer(sqe, Opcode.NVM_READ, 0, 8), 4096, null));
            world.runFor(100);
            assertEquals(0, waiting.answers);
            stage.bdevs.addModule(new MallocModule());
            assertArrayEquals(data, world.get(waiting.answered).data());
            stage.close();
        });
    }
}
