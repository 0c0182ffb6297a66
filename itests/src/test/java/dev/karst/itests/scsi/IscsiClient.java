package dev.karst.itests.scsi;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A session of one connection that executes one command after the other. It believes the target in everything but the lengths. One
 * thread.
 */
final class IscsiClient implements ScsiHost {
    private static final int HEADER_BYTES = 48;
    private static final int LOGIN = 0x43;
    private static final int COMMAND = 0x01;
    private static final int DATA_OUT = 0x05;
    private static final int LOGIN_RESPONSE = 0x23;
    private static final int RESPONSE = 0x21;
    private static final int DATA_IN = 0x25;
    private static final int R2T = 0x31;
    private static final int NOP_IN = 0x20;
    private static final int NOP_OUT = 0x40;
    private static final int EVENT = 0x32;
    private static final int MOST_DATA = 1 << 20;
    private static final int IMMEDIATE = 8192;
    private static final int PART = 8192;
    /** A machine may stand still for long. */
    private static final int PATIENCE_MS = 300_000;

    /** What is done before a connection is made. */
    @FunctionalInterface
    interface Preparation {
        void run() throws IOException;
    }

    private final Preparation preparation;
    private final int port;
    private final String node;
    private final String name;
    private Socket socket;
    private DataInputStream in;
    private OutputStream out;
    private int cmdSn = 1;
    private int expStatSn;
    private int tag;
    private byte[] data;

    /** Logs in, and logs in again whenever the target has closed the connection. */
    IscsiClient(Preparation preparation, int port, String node, String name) throws IOException {
        this.preparation = preparation;
        this.port = port;
        this.node = node;
        this.name = name;
        connect();
    }

    private void connect() throws IOException {
        preparation.run();
        socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MS);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), MOST_DATA));
        out = socket.getOutputStream();
        cmdSn = 1;
        expStatSn = 0;
        login(0, "InitiatorName=" + name, "TargetName=" + node, "SessionType=Normal", "AuthMethod=None");
        login(1, "HeaderDigest=None", "DataDigest=None", "InitialR2T=Yes", "ImmediateData=Yes", "MaxRecvDataSegmentLength=262144",
            "MaxBurstLength=262144", "FirstBurstLength=" + IMMEDIATE, "ErrorRecoveryLevel=0", "MaxConnections=1");
    }

    private void login(int stage, String... pairs) throws IOException {
        byte[] text = (String.join("\0", pairs) + "\0").getBytes(StandardCharsets.UTF_8);
        ByteBuffer header = header(LOGIN, 0x80 | stage << 2 | (stage == 0 ? 1 : 3), text.length);
        // The identifier of the session is made of the name.
        header.put(8, (byte) 0x40).putInt(10, name.hashCode()).putInt(24, cmdSn).putInt(28, expStatSn);
        send(header, text);
        ByteBuffer answer = receive();
        if ((answer.get(0) & 0x3f) != LOGIN_RESPONSE || answer.getShort(36) != 0) {
            throw new IOException("login refused with status " + Integer.toHexString(answer.getShort(36) & 0xffff));
        }
        expStatSn = answer.getInt(24) + 1;
    }

    private static ByteBuffer header(int opcode, int flags, int dataBytes) {
        return ByteBuffer.allocate(HEADER_BYTES).putInt(4, dataBytes).put(0, (byte) opcode).put(1, (byte) flags);
    }

    private void send(ByteBuffer header, byte[] bytes) throws IOException {
        var pdu = new ByteArrayOutputStream();
        pdu.writeBytes(header.array());
        pdu.writeBytes(Arrays.copyOf(bytes, bytes.length + 3 & -4));
        out.write(pdu.toByteArray());
    }

    /** The next PDU: its header; its data is in {@link #data}. */
    private ByteBuffer receive() throws IOException {
        byte[] header = new byte[HEADER_BYTES];
        in.readFully(header);
        ByteBuffer pdu = ByteBuffer.wrap(header);
        int length = pdu.getInt(4) & 0xffffff;
        if (length > MOST_DATA) {
            throw new IOException(length + " bytes of data");
        }
        byte[] padded = new byte[(length + 3 & -4) + 4 * (header[4] & 0xff)];
        in.readFully(padded);
        data = Arrays.copyOfRange(padded, 4 * (header[4] & 0xff), 4 * (header[4] & 0xff) + length);
        return pdu;
    }

    @Override
    public ScsiAnswer execute(ScsiCommand command) throws IOException {
        try {
            return exchange(command);
        } catch (EOFException | SocketException e) {
            socket.close();
            connect();
            return new ScsiAnswer(ScsiAnswer.CLOSED, 0, 0, new byte[0]);
        }
    }

    private ScsiAnswer exchange(ScsiCommand command) throws IOException {
        byte[] all = command.sent();
        int immediate = Math.min(all.length, IMMEDIATE);
        int flags = 0x81 | (all.length > 0 ? 0x20 : 0) | (command.expected() > 0 ? 0x40 : 0);
        ByteBuffer header = header(COMMAND, flags, immediate).put(9, (byte) command.lun()).putInt(16, ++tag)
            .putInt(20, all.length + command.expected()).putInt(24, cmdSn++).putInt(28, expStatSn);
        header.put(32, command.cdb());
        send(header, Arrays.copyOf(all, immediate));
        byte[] came = new byte[command.expected()];
        int count = 0;
        while (true) {
            ByteBuffer pdu = receive();
            switch (pdu.get(0) & 0x3f) {
                case DATA_IN -> {
                    System.arraycopy(data, 0, came, pdu.getInt(40), data.length);
                    count = Math.max(count, pdu.getInt(40) + data.length);
                    if ((pdu.get(1) & 1) != 0) {
                        return end(pdu, Arrays.copyOf(came, count), 0);
                    }
                }
                case RESPONSE -> {
                    return end(pdu, Arrays.copyOf(came, count), pdu.get(3) == ScsiAnswer.CHECK_CONDITION ? sense() : 0);
                }
                case R2T -> answer(pdu, all);
                case NOP_IN -> answerPing(pdu);
                case EVENT -> expStatSn = pdu.getInt(24) + 1;
                default -> throw new IOException("an unexpected PDU: " + Integer.toHexString(pdu.get(0)));
            }
        }
    }

    private void answerPing(ByteBuffer ping) throws IOException {
        ByteBuffer pong = header(NOP_OUT, 0x80, 0).putLong(8, ping.getLong(8)).putInt(16, -1).putInt(20, ping.getInt(20))
            .putInt(24, cmdSn).putInt(28, expStatSn);
        send(pong, new byte[0]);
    }

    private ScsiAnswer end(ByteBuffer pdu, byte[] came, int sense) {
        expStatSn = pdu.getInt(24) + 1;
        int flags = pdu.get(1);
        long residual = (flags & 6) == 0 ? 0 : pdu.getInt(44) & 0xffff_ffffL;
        return new ScsiAnswer(pdu.get(3) & 0xff, sense, (flags & 4) != 0 ? -residual : residual, came);
    }

    /** Key and codes of the sense data of a response, in either format. */
    private int sense() {
        if (data.length < 2 + 4) {
            return 0;
        }
        ByteBuffer sense = ByteBuffer.wrap(data, 2, data.length - 2).slice();
        boolean hasDescriptors = (sense.get(0) & 0x7f) == 0x72;
        return hasDescriptors ? (sense.get(1) & 0xf) << 16 | sense.getShort(2) & 0xffff
            : (sense.get(2) & 0xf) << 16 | sense.getShort(12) & 0xffff;
    }

    private void answer(ByteBuffer r2t, byte[] all) throws IOException {
        int at = r2t.getInt(40);
        int end = at + r2t.getInt(44);
        for (int sn = 0; at < end; sn++) {
            int part = Math.min(PART, end - at);
            ByteBuffer header = header(DATA_OUT, at + part == end ? 0x80 : 0, part).putLong(8, r2t.getLong(8)).putInt(16, r2t.getInt(16))
                .putInt(20, r2t.getInt(20)).putInt(28, expStatSn).putInt(36, sn).putInt(40, at);
            // What the target asks for beyond what was offered is zeros.
            send(header, Arrays.copyOfRange(all, Math.min(at, all.length), Math.min(at, all.length) + part));
            at += part;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
