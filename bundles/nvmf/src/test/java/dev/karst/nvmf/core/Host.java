package dev.karst.nvmf.core;

import dev.karst.base.Mem;
import dev.karst.env.Region;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.core.FakeConnection.Answer;
import dev.karst.reactor.Reactor;
import dev.karst.spec.nvme.FeaturesCommand;
import dev.karst.spec.nvme.GetLogPageCommand;
import dev.karst.spec.nvme.IdentifyCommand;
import dev.karst.spec.nvme.NvmCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Property;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvmf.ConnectCommand;
import dev.karst.spec.nvmf.ConnectData;
import dev.karst.spec.nvmf.FabricsCommand;
import dev.karst.spec.nvmf.PropertyCommand;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;

/** A host: an admin queue and I/O queues, each command waited for. */
final class Host {
    /** Enable, with entries of 64 and 16 bytes. */
    static final int CC_ENABLE = Property.CC_EN | 6 << Property.CC_IOSQES_SHIFT | 4 << Property.CC_IOCQES_SHIFT;

    /** What a Connect says; a test changes what it wants wrong. */
    static final class Connecting {
        int recfmt;
        int qid;
        int sqsize = 31;
        int cattr;
        int katoMs;
        int cntlid = ConnectData.CNTLID_ANY;
        byte[] hostId = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
        byte[] subNqn = Stage.NQN.getBytes(StandardCharsets.UTF_8);
        byte[] hostNqn = Stage.HOST.getBytes(StandardCharsets.UTF_8);
        int length = ConnectData.BYTES;

        byte[] data() {
            byte[] data = new byte[ConnectData.BYTES];
            System.arraycopy(hostId, 0, data, 0, hostId.length);
            data[16] = (byte) cntlid;
            data[17] = (byte) (cntlid >> 8);
            System.arraycopy(subNqn, 0, data, 256, subNqn.length);
            System.arraycopy(hostNqn, 0, data, 512, hostNqn.length);
            return java.util.Arrays.copyOf(data, length);
        }

        void command(long sqe) {
            Sqe.OPC.set(sqe, Opcode.FABRICS);
            FabricsCommand.FCTYPE.set(sqe, FabricsCommand.CONNECT);
            ConnectCommand.RECFMT.set(sqe, recfmt);
            ConnectCommand.QID.set(sqe, qid);
            ConnectCommand.SQSIZE.set(sqe, sqsize);
            ConnectCommand.CATTR.set(sqe, cattr);
            ConnectCommand.KATO.set(sqe, katoMs);
        }
    }

    final Stage stage;
    private final ListenAddress listener;
    final FakeConnection admin;
    final List<FakeConnection> io = new ArrayList<>();
    int cntlid;
    private final byte[] hostId;
    private final byte[] subNqn;

    /** A host whose admin queue is connected and enabled. */
    Host(Stage stage, Reactor reactor) throws Exception {
        this(stage, reactor, new Connecting());
    }

    Host(Stage stage, Reactor reactor, Connecting connecting) throws Exception {
        this(stage, reactor, connecting, Stage.listener());
    }

    /** One of the subsystem that {@code connecting} names, at a listener of it. */
    Host(Stage stage, Reactor reactor, Connecting connecting, ListenAddress listener) throws Exception {
        this.stage = stage;
        this.listener = listener;
        hostId = connecting.hostId;
        subNqn = connecting.subNqn;
        admin = stage.connect(reactor, listener);
        Answer answer = connect(stage, admin, connecting);
        FakeConnection.check(answer.status() == 0, "Connect: " + NvmeStatus.text(answer.status()));
        cntlid = (int) answer.result();
        setProperty(Property.CC, CC_ENABLE);
        FakeConnection.check(property(Property.CSTS) == Property.CSTS_RDY, "not ready");
    }

    static Answer connect(Stage stage, FakeConnection connection, Connecting connecting) throws Exception {
        return send(stage, connection, connecting::command, 0, connecting.data());
    }

    static Answer send(Stage stage, FakeConnection connection, LongConsumer command, int length, byte[] out)
        throws Exception {
        CompletableFuture<Answer> answer =
            stage.world.call(connection.reactor(), () -> connection.send(command, length, out).answered);
        return stage.world.get(answer);
    }

    /** One more I/O queue, on the reactor. */
    FakeConnection ioQueue(Reactor reactor) throws Exception {
        FakeConnection connection = stage.connect(reactor, listener);
        var connecting = new Connecting();
        connecting.subNqn = subNqn;
        connecting.qid = io.size() + 1;
        connecting.cntlid = cntlid;
        connecting.hostId = hostId;
        Answer answer = connect(stage, connection, connecting);
        FakeConnection.check(answer.status() == 0, "Connect: " + NvmeStatus.text(answer.status()));
        io.add(connection);
        return connection;
    }

    Answer admin(int opcode, LongConsumer more) throws Exception {
        return admin(opcode, more, 0);
    }

    Answer admin(int opcode, LongConsumer more, int length) throws Exception {
        return send(stage, admin, sqe -> {
            Sqe.OPC.set(sqe, opcode);
            more.accept(sqe);
        }, length, null);
    }

    long property(int offset) throws Exception {
        return getProperty(offset, offset == Property.CAP ? 1 : 0).result();
    }

    Answer getProperty(int offset, int size) throws Exception {
        return admin(Opcode.FABRICS, sqe -> {
            FabricsCommand.FCTYPE.set(sqe, FabricsCommand.PROPERTY_GET);
            PropertyCommand.OFST.set(sqe, offset);
            PropertyCommand.ATTRIB.set(sqe, size);
        });
    }

    Answer setProperty(int offset, int value) throws Exception {
        return admin(Opcode.FABRICS, sqe -> {
            FabricsCommand.FCTYPE.set(sqe, FabricsCommand.PROPERTY_SET);
            PropertyCommand.OFST.set(sqe, offset);
            PropertyCommand.VALUE.set(sqe, value);
        });
    }

    Answer identify(int cns, long nsid) throws Exception {
        return admin(Opcode.ADMIN_IDENTIFY, sqe -> {
            IdentifyCommand.CNS.set(sqe, cns);
            Sqe.NSID.set(sqe, nsid);
        }, IdentifyCommand.DATA_BYTES);
    }

    Answer log(int identifier, long offset, int length) throws Exception {
        return admin(Opcode.ADMIN_GET_LOG_PAGE, sqe -> {
            GetLogPageCommand.LID.set(sqe, identifier);
            GetLogPageCommand.LPO.set(sqe, offset);
            GetLogPageCommand.NUMDL.set(sqe, length / 4 - 1);
        }, length);
    }

    /** Asks to be told of the next event. */
    CompletableFuture<Answer> event() throws Exception {
        return stage.world.call(admin.reactor(), () ->
            admin.send(sqe -> Sqe.OPC.set(sqe, Opcode.ADMIN_ASYNC_EVENT_REQUEST)).answered);
    }

    Answer getFeature(int feature) throws Exception {
        return admin(Opcode.ADMIN_GET_FEATURES, sqe -> FeaturesCommand.FID.set(sqe, feature));
    }

    Answer setFeature(int feature, long value) throws Exception {
        return admin(Opcode.ADMIN_SET_FEATURES, sqe -> {
            FeaturesCommand.FID.set(sqe, feature);
            FeaturesCommand.CDW11.set(sqe, value);
        });
    }

    Answer read(FakeConnection queue, long slba, int blocks, int length) throws Exception {
        return send(stage, queue, sqe -> transfer(sqe, Opcode.NVM_READ, slba, blocks), length, null);
    }

    Answer write(FakeConnection queue, long slba, int blocks, byte[] data) throws Exception {
        return send(stage, queue, sqe -> transfer(sqe, Opcode.NVM_WRITE, slba, blocks), 0, data);
    }

    static void transfer(long sqe, int opcode, long slba, int blocks) {
        Sqe.OPC.set(sqe, opcode);
        Sqe.NSID.set(sqe, 1);
        NvmCommand.SLBA.set(sqe, slba);
        NvmCommand.NLB.set(sqe, blocks - 1);
    }

    /** Reads a figure of an answer through raw memory. */
    static <T> T look(Stage stage, byte[] data, java.util.function.LongFunction<T> look) throws Exception {
        Region region = stage.world.environment().memory().allocate("look", data.length);
        Mem.put(region.address(), data, 0, data.length);
        T found = look.apply(region.address());
        stage.world.environment().memory().free(region);
        return found;
    }
}
