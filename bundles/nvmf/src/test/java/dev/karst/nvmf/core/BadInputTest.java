package dev.karst.nvmf.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.core.FakeConnection.Answer;
import dev.karst.nvmf.core.Host.Connecting;
import dev.karst.nvmf.core.model.AsyncEvents;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.AbortCommand;
import dev.karst.spec.nvme.FeaturesCommand;
import dev.karst.spec.nvme.GetLogPageCommand;
import dev.karst.spec.nvme.NvmCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Property;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvmf.FabricsCommand;
import dev.karst.spec.nvmf.PropertyCommand;
import dev.karst.spec.nvme.nvm.DatasetManagementCommand;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What no honest host sends, row by row of the table of bad inputs, and the answers that it must get. */
class BadInputTest {
    private static final int DNR = NvmeStatus.DNR;
    private static final long DATA = 1 << 16;

    /** Something done with a host that has two I/O queues. */
    private interface Body {
        void run(Stage stage, Host host, FakeConnection io) throws Exception;
    }

    private static void with(Body body) {
        SimWorld.run(1, 3, world -> {
            Stage stage = Stage.usual(world);
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactors().next());
            body.run(stage, host, io);
            byte[] data = new byte[512];
            assertEquals(0, host.write(io, 0, 1, data).status(), "the queue is of no use any more");
            stage.close();
        });
    }

    private static void expect(int status, Answer answer) {
        assertEquals(NvmeStatus.text(status), NvmeStatus.text(answer.status()));
    }

    private static void expectConnect(int status, long result, Consumer<Connecting> change) {
        with((stage, host, io) -> {
            var connecting = new Connecting();
            change.accept(connecting);
            FakeConnection connection = stage.connect(stage.world.reactor(0));
            Answer answer = Host.connect(stage, connection, connecting);
            expect(status, answer);
            assertEquals(result, answer.result());
            assertFalse(connection.closing);
            assertEquals(0, Host.connect(stage, connection, new Connecting()).status(), "it may try again");
        });
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void shouldWantAConnectFirstN20() {
        with((stage, host, io) -> {
            FakeConnection connection = stage.connect(stage.world.reactor(0));
            for (int opcode : new int[] {Opcode.ADMIN_IDENTIFY, Opcode.ADMIN_KEEP_ALIVE, Opcode.FABRICS, 0xff}) {
                expect(NvmeStatus.COMMAND_SEQUENCE_ERROR | DNR,
                    Host.send(stage, connection, sqe -> Sqe.OPC.set(sqe, opcode), 4096, null));
            }
        });
    }

    @Test
    void shouldTakeNoSecondConnectN21() {
        with((stage, host, io) -> {
            expect(NvmeStatus.COMMAND_SEQUENCE_ERROR | DNR, Host.connect(stage, host.admin, new Connecting()));
            expect(NvmeStatus.COMMAND_SEQUENCE_ERROR | DNR, Host.connect(stage, io, new Connecting()));
        });
    }

    @Test
    void shouldCheckTheConnectItselfN22ToN25() {
        expectConnect(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, 0, connecting -> connecting.length = 1023);
        expectConnect(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, 0, connecting -> connecting.length = 0);
        expectConnect(NvmeStatus.CONNECT_INCOMPATIBLE_FORMAT, 0, connecting -> connecting.recfmt = 1);
        expectConnect(NvmeStatus.CONNECT_INVALID_PARAMETERS, 44, connecting -> connecting.sqsize = 0);
        expectConnect(NvmeStatus.CONNECT_INVALID_PARAMETERS, 44, connecting -> connecting.sqsize = 128);
        expectConnect(NvmeStatus.CONNECT_INVALID_PARAMETERS, DATA | 16, connecting -> connecting.cntlid = 1);
    }

    @Test
    void shouldCheckWhoseControllerItIsN26() {
        expectConnect(NvmeStatus.CONNECT_INVALID_PARAMETERS, DATA | 16, connecting -> {
            connecting.qid = 1;
            connecting.cntlid = 999;
        });
        with((stage, host, io) -> {
            stage.call("nvmf_subsystem_add_host", "nqn", Stage.NQN, "host", "nqn.2014-08.org.nvmexpress:uuid:other");
            var connecting = new Connecting();
            connecting.qid = 3;
            connecting.cntlid = host.cntlid;
            connecting.hostNqn = bytes("nqn.2014-08.org.nvmexpress:uuid:other");
            expect(NvmeStatus.CONNECT_INVALID_HOST,
                Host.connect(stage, stage.connect(stage.world.reactor(0)), connecting));
            connecting.hostNqn = bytes(Stage.HOST);
            connecting.hostId = new byte[16];
            Answer answer = Host.connect(stage, stage.connect(stage.world.reactor(0)), connecting);
            expect(NvmeStatus.CONNECT_INVALID_PARAMETERS, answer);
            assertEquals(DATA, answer.result());
        });
    }

    @Test
    void shouldCheckTheQueueIdentifierN27() {
        with((stage, host, io) -> {
            for (int qid : new int[] {0xffff, 9, 1}) {
                var connecting = new Connecting();
                connecting.qid = qid;
                connecting.cntlid = host.cntlid;
                Answer answer = Host.connect(stage, stage.connect(stage.world.reactors().next()), connecting);
                expect(qid == 1 ? NvmeStatus.INVALID_QUEUE_IDENTIFIER : NvmeStatus.CONNECT_INVALID_PARAMETERS, answer);
                assertEquals(qid == 1 ? 0 : 42, answer.result());
            }
        });
    }

    @Test
    void shouldWantAnEnabledControllerN28() {
        with((stage, host, io) -> {
            for (int cc : new int[] {0, Property.CC_EN, Property.CC_EN | 6 << Property.CC_IOSQES_SHIFT}) {
                FakeConnection admin = stage.connect(stage.world.reactor(0));
                int cntlid = (int) Host.connect(stage, admin, new Connecting()).result();
                Host.send(stage, admin, sqe -> {
                    Sqe.OPC.set(sqe, Opcode.FABRICS);
                    FabricsCommand.FCTYPE.set(sqe, FabricsCommand.PROPERTY_SET);
                    PropertyCommand.OFST.set(sqe, Property.CC);
                    PropertyCommand.VALUE.set(sqe, cc);
                }, 0, null);
                var connecting = new Connecting();
                connecting.qid = 1;
                connecting.cntlid = cntlid;
                expect(NvmeStatus.CONNECT_INVALID_PARAMETERS,
                    Host.connect(stage, stage.connect(stage.world.reactor(0)), connecting));
            }
            var connecting = new Connecting();
            connecting.subNqn = bytes(dev.karst.spec.nvmf.Nqn.DISCOVERY);
            Answer discovery = Host.connect(stage, stage.connect(stage.world.reactor(0)), connecting);
            expect(0, discovery);
            connecting.qid = 1;
            connecting.cntlid = (int) discovery.result();
            expect(NvmeStatus.CONNECT_INVALID_PARAMETERS,
                Host.connect(stage, stage.connect(stage.world.reactor(0)), connecting));
        });
    }

    @Test
    void shouldTakeNoNamesThatAreNoneN29() {
        byte[] endless = new byte[256];
        Arrays.fill(endless, (byte) 'a');
        for (byte[] name : new byte[][] {
            endless, {}, Arrays.copyOf(endless, 224), {'n', (byte) 0xff}, bytes("nqn\n"), bytes("nqn\u001b[2J")}) {
            expectConnect(NvmeStatus.CONNECT_INVALID_PARAMETERS, DATA | 256, connecting -> connecting.subNqn = name);
            expectConnect(NvmeStatus.CONNECT_INVALID_PARAMETERS, DATA | 512, connecting -> connecting.hostNqn = name);
        }
        expectConnect(NvmeStatus.CONNECT_INVALID_PARAMETERS, DATA | 256,
            connecting -> connecting.subNqn = bytes("nqn.2016-06.io.spdk:none"));
    }

    @Test
    void shouldTakeNobodyWhoIsNotAllowedN30() {
        expectConnect(NvmeStatus.CONNECT_INVALID_HOST, 0, connecting -> connecting.hostNqn = bytes("nqn.other"));
        with((stage, host, io) -> {
            var elsewhere = new ListenAddress("TCP", "IPv4", "127.0.0.1", "4421");
            FakeConnection connection = stage.connect(stage.world.reactor(0), elsewhere);
            expect(NvmeStatus.CONNECT_INVALID_HOST, Host.connect(stage, connection, new Connecting()));
        });
    }

    private static LongConsumer read(LongConsumer change) {
        return sqe -> {
            Host.transfer(sqe, Opcode.NVM_READ, 0, 1);
            change.accept(sqe);
        };
    }

    private static void expectRead(int status, LongConsumer change) {
        with((stage, host, io) -> expect(status, Host.send(stage, io, read(change), 512, null)));
    }

    @Test
    void shouldWantSglsN44() {
        expectRead(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, sqe -> Sqe.PSDT.set(sqe, 0));
        expectRead(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, sqe -> Sqe.PSDT.set(sqe, 3));
        with((stage, host, io) -> expect(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR,
            host.admin(Opcode.ADMIN_KEEP_ALIVE, sqe -> Sqe.PSDT.set(sqe, 0))));
    }

    @Test
    void shouldHoldTheSizeOfATransferN45N46() {
        expectRead(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, sqe -> NvmCommand.NLB.set(sqe, 256));
        expectRead(NvmeStatus.DATA_SGL_LENGTH_INVALID | DNR, sqe -> NvmCommand.NLB.set(sqe, 1));
        with((stage, host, io) -> {
            Answer answer = host.read(io, 0, 1, 4096);
            expect(0, answer);
            assertArrayEquals(new byte[512], answer.data());
        });
    }

    @Test
    void shouldHoldTheRangeN47() {
        for (long slba : new long[] {8192, 8193, -1, -2, Long.MIN_VALUE, Long.MAX_VALUE}) {
            expectRead(NvmeStatus.LBA_OUT_OF_RANGE | DNR, sqe -> NvmCommand.SLBA.set(sqe, slba));
        }
        with((stage, host, io) -> expect(0, host.read(io, 8191, 1, 512)));
    }

    @Test
    void shouldHoldTheNamespaceN48() {
        for (long nsid : new long[] {0, 2, 8, 9, 0x7fff_ffffL, 0x8000_0001L, Sqe.NSID_ALL}) {
            expectRead(NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | DNR, sqe -> Sqe.NSID.set(sqe, nsid));
        }
        with((stage, host, io) -> expect(NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | DNR,
            Host.send(stage, io, sqe -> Sqe.NSID.set(sqe, Sqe.NSID_ALL), 0, null)));
    }

    @Test
    void shouldKnowItsOpcodesN49N70() {
        for (int opcode : new int[] {0x03, 0x04, 0x06, 0x0f, 0x18, 0x80, 0xff}) {
            expectRead(NvmeStatus.INVALID_COMMAND_OPCODE | DNR, sqe -> Sqe.OPC.set(sqe, opcode));
        }
        with((stage, host, io) -> {
            for (int opcode : new int[] {0x00, 0x01, 0x03, 0x0d, 0x10, 0x11, 0x14, 0x19, 0x80, 0x81, 0x84, 0xc0}) {
                expect(NvmeStatus.INVALID_COMMAND_OPCODE | DNR, host.admin(opcode, sqe -> { }));
            }
            for (int type : new int[] {0x02, 0x05, 0x06, 0x08, 0xff}) {
                expect(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR,
                    host.admin(Opcode.FABRICS, sqe -> FabricsCommand.FCTYPE.set(sqe, type)));
            }
        });
    }

    @Test
    void shouldAbortOnlyWhatIsThereN53N54() {
        with((stage, host, io) -> {
            for (int queue : new int[] {0, 1, 2, 0xffff}) {
                Answer answer = host.admin(Opcode.ADMIN_ABORT, sqe -> {
                    AbortCommand.SQID.set(sqe, queue);
                    AbortCommand.CID.set(sqe, queue == 0 ? Sqe.CID.get(sqe) : 4711);
                });
                expect(0, answer);
                assertEquals(1, answer.result(), "nothing was aborted");
            }
            var event = stage.world.call(host.admin.reactor(), () -> host.admin.send(sqe -> {
                Sqe.OPC.set(sqe, Opcode.ADMIN_ASYNC_EVENT_REQUEST);
                Sqe.CID.set(sqe, 500);
            }));
            Answer answer = host.admin(Opcode.ADMIN_ABORT, sqe -> AbortCommand.CID.set(sqe, 500));
            assertEquals(0, answer.result());
            expect(NvmeStatus.COMMAND_ABORT_REQUESTED, stage.world.get(event.answered));
        });
    }

    @Test
    void shouldBeginFourAbortsAtOnceAndNotMoreN54() {
        with((stage, host, io) -> {
            List<CompletableFuture<Answer>> aborts = stage.world.call(host.admin.reactor(), () ->
                IntStream.range(0, 6).mapToObj(_ -> host.admin.send(sqe -> {
                    Sqe.OPC.set(sqe, Opcode.ADMIN_ABORT);
                    AbortCommand.SQID.set(sqe, 1);
                    AbortCommand.CID.set(sqe, 4711);
                }).answered).toList());
            for (int i = 0; i < aborts.size(); i++) {
                int status = i < 4 ? 0 : NvmeStatus.ABORT_COMMAND_LIMIT_EXCEEDED | DNR;
                expect(status, stage.world.get(aborts.get(i)));
            }
            expect(0, host.admin(Opcode.ADMIN_ABORT, sqe -> AbortCommand.SQID.set(sqe, 1)));
        });
    }

    @Test
    void shouldHoldSoManyEventRequestsAndNotMoreN55() {
        with((stage, host, io) -> {
            for (int i = 0; i < AsyncEvents.LIMIT; i++) {
                stage.world.on(host.admin.reactor(), () -> host.admin.send(sqe -> Sqe.OPC.set(sqe, 0x0c)));
            }
            expect(NvmeStatus.ASYNC_EVENT_REQUEST_LIMIT_EXCEEDED | DNR, host.admin(0x0c, sqe -> { }));
        });
    }

    @Test
    void shouldGiveNothingBesideTheLogN56() {
        with((stage, host, io) -> {
            Answer huge = host.admin(Opcode.ADMIN_GET_LOG_PAGE, sqe -> {
                GetLogPageCommand.LID.set(sqe, GetLogPageCommand.LID_HEALTH);
                GetLogPageCommand.NUMDL.set(sqe, 0xffff);
                GetLogPageCommand.NUMDU.set(sqe, 0xffff);
            }, 1024);
            expect(0, huge);
            assertArrayEquals(new byte[512], Arrays.copyOfRange(huge.data(), 512, 1024), "stale memory");
            Answer few = host.admin(Opcode.ADMIN_GET_LOG_PAGE, sqe -> GetLogPageCommand.LID.set(sqe, 2), 512);
            assertArrayEquals(new byte[508], Arrays.copyOfRange(few.data(), 4, 512), "more than was asked for");
            expect(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, host.log(2, 516, 512));
            expect(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, host.log(2, -4, 512));
            expect(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, host.log(2, 2, 512));
            expect(NvmeStatus.INVALID_LOG_PAGE | DNR, host.log(0x7e, 0, 512));
            expect(NvmeStatus.INVALID_LOG_PAGE | DNR, host.log(0x70, 0, 512));
            assertArrayEquals(bytes("0.1.0   "), Arrays.copyOf(host.log(3, 8, 512).data(), 8));
            for (int log : new int[] {0, 1, 3, 4, 5}) {
                expect(0, host.log(log, 0, 512));
            }
        });
    }

    @Test
    void shouldIdentifyOnlyWhatThereIsN57() {
        with((stage, host, io) -> {
            for (int cns : new int[] {0x04, 0x09, 0x14, 0x16, 0x1b, 0x1d, 0xff}) {
                expect(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, host.identify(cns, 1));
            }
            expect(0, host.identify(1, 12345));
            expect(NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | DNR, host.identify(0, 0));
            expect(NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | DNR, host.identify(0, Sqe.NSID_ALL));
            expect(NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | DNR, host.identify(3, 2));
            expect(NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | DNR, host.identify(2, Sqe.NSID_ALL));
        });
    }

    @Test
    void shouldSetOnlyWhatCanBeSetN58() {
        with((stage, host, io) -> {
            expect(NvmeStatus.FEATURE_IDENTIFIER_NOT_SAVEABLE | DNR, host.admin(Opcode.ADMIN_SET_FEATURES, sqe -> {
                FeaturesCommand.FID.set(sqe, FeaturesCommand.FID_ARBITRATION);
                FeaturesCommand.SV.set(sqe, 1);
            }));
            expect(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, host.setFeature(0x7e, 1));
            expect(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, host.getFeature(0x7e));
            expect(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR,
                host.getFeature(FeaturesCommand.FID_INTERRUPT_COALESCING));
            expect(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR,
                host.setFeature(FeaturesCommand.FID_NUMBER_OF_QUEUES, 0xffff));
            expect(NvmeStatus.COMMAND_SEQUENCE_ERROR | DNR,
                host.setFeature(FeaturesCommand.FID_NUMBER_OF_QUEUES, 0x0001_0001));
            expect(NvmeStatus.KEEP_ALIVE_TIMEOUT_INVALID | DNR,
                host.setFeature(FeaturesCommand.FID_KEEP_ALIVE_TIMER, 0));
            expect(NvmeStatus.FEATURE_NOT_CHANGEABLE | DNR,
                host.setFeature(FeaturesCommand.FID_VOLATILE_WRITE_CACHE, 0));
        });
    }

    @Test
    void shouldHoldThePropertiesN59() {
        with((stage, host, io) -> {
            expect(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, host.getProperty(0x18, 0));
            expect(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, host.getProperty(Property.NSSR, 0));
            expect(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, host.getProperty(Property.CSTS, 1));
            expect(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, host.getProperty(Property.CAP, 0));
            expect(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, host.getProperty(Property.CSTS, 7));
            expect(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, host.setProperty(Property.CSTS, 1));
            expect(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, host.setProperty(Property.NSSR, 0x4e56_4d65));
            expect(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, Host.send(stage, io, sqe -> {
                Sqe.OPC.set(sqe, Opcode.FABRICS);
                FabricsCommand.FCTYPE.set(sqe, FabricsCommand.PROPERTY_GET);
                PropertyCommand.OFST.set(sqe, Property.VS);
            }, 0, null));
        });
    }

    private static byte[] ranges(long... firstAndCount) {
        ByteBuffer buffer = ByteBuffer.allocate(firstAndCount.length / 2 * 16).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < firstAndCount.length; i += 2) {
            buffer.putInt(0).putInt((int) firstAndCount[i + 1]).putLong(firstAndCount[i]);
        }
        return buffer.array();
    }

    private static Answer deallocate(Stage stage, FakeConnection io, int count, byte[] ranges) throws Exception {
        return Host.send(stage, io, sqe -> {
            Sqe.OPC.set(sqe, Opcode.NVM_DATASET_MANAGEMENT);
            Sqe.NSID.set(sqe, 1);
            DatasetManagementCommand.NR.set(sqe, count - 1);
            DatasetManagementCommand.AD.set(sqe, 1);
        }, 0, ranges);
    }

    @Test
    void shouldGiveAllRangesBackOrNoneN60() {
        with((stage, host, io) -> {
            io.pieces = 2;
            byte[] data = new byte[4096];
            Arrays.fill(data, (byte) 7);
            host.write(io, 0, 8, data);
            expect(NvmeStatus.DATA_SGL_LENGTH_INVALID | DNR, deallocate(stage, io, 256, new byte[4095]));
            expect(NvmeStatus.LBA_OUT_OF_RANGE | DNR, deallocate(stage, io, 2, ranges(0, 2, 8191, 2)));
            expect(NvmeStatus.LBA_OUT_OF_RANGE | DNR, deallocate(stage, io, 2, ranges(0, 2, -1, 1)));
            assertArrayEquals(data, host.read(io, 0, 8, 4096).data(), "not all or nothing");
            expect(0, deallocate(stage, io, 4, ranges(0, 0, 1, 2, 8192, 0, 5, 1)));
            byte[] holes = data.clone();
            Arrays.fill(holes, 512, 1536, (byte) 0);
            Arrays.fill(holes, 2560, 3072, (byte) 0);
            assertArrayEquals(holes, host.read(io, 0, 8, 4096).data());
            expect(0, deallocate(stage, io, 1, ranges(0, 0)));
        });
    }

    @Test
    void shouldWriteZeroesWhereItMayN61() {
        with((stage, host, io) -> {
            byte[] data = new byte[1024];
            Arrays.fill(data, (byte) 9);
            host.write(io, 10, 2, data);
            expect(0, Host.send(stage, io, sqe -> Host.transfer(sqe, Opcode.NVM_WRITE_ZEROES, 11, 1), 0, null));
            Arrays.fill(data, 512, 1024, (byte) 0);
            assertArrayEquals(data, host.read(io, 10, 2, 1024).data());
            expect(NvmeStatus.LBA_OUT_OF_RANGE | DNR,
                Host.send(stage, io, sqe -> Host.transfer(sqe, Opcode.NVM_WRITE_ZEROES, 1, 8192), 0, null));
        });
    }

    @Test
    void shouldWriteNothingToWhatIsReadOnly() {
        with((stage, host, io) -> {
            stage.module.create("Fixed", 64, true, false);
            stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace", Map.of("bdev_name", "Fixed"));
            for (int opcode : new int[] {Opcode.NVM_WRITE, Opcode.NVM_WRITE_ZEROES}) {
                expect(NvmeStatus.NAMESPACE_IS_WRITE_PROTECTED | DNR, Host.send(stage, io, sqe -> {
                    Host.transfer(sqe, opcode, 0, 1);
                    Sqe.NSID.set(sqe, 2);
                }, 0, opcode == Opcode.NVM_WRITE ? new byte[512] : null));
            }
        });
    }
}
