package dev.karst.iscsi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.nvmf.testkit.Wire;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** One connection of an initiator: any PDU on command, and the few exchanges that tests need. Not for many threads. */
final class Initiator implements AutoCloseable {
    static final String NAME = "iqn.2026-11.dev.karst:host";
    static final int LOGIN = 0x43;
    static final int COMMAND = 0x01;

    private static final int PATIENCE_MS = 10_000;

    private final Wire wire;
    private boolean headerDigest;
    private boolean dataDigest;
    int cmdSn = 1;
    int expStatSn;
    int nextItt = 1;
    int tsih;
    long isid = 0x400001370000L;
    int cid;
    /** What the target told last. */
    int expCmdSn;
    int maxCmdSn;

    Initiator(Wire wire) {
        this.wire = wire;
    }

    /** Sends it as it is, with padding and the digests that are in use. */
    void send(Pdu pdu) throws IOException {
        send(pdu, new byte[0], "", Integer.MAX_VALUE);
    }

    /**
     * The same with more header.
     *
     * @param spoilt whose digest is wrong: {@code header}, {@code data} or neither
     * @param most bytes that are sent
     */
    void send(Pdu pdu, byte[] more, String spoilt, int most) throws IOException {
        var bytes = new ByteArrayOutputStream();
        byte[] header = Arrays.copyOf(pdu.header(), pdu.header().length + more.length);
        System.arraycopy(more, 0, header, pdu.header().length, more.length);
        bytes.writeBytes(header);
        if (headerDigest) {
            bytes.writeBytes(digest(header, spoilt.equals("header")));
        }
        if (pdu.data.length > 0) {
            byte[] padded = Arrays.copyOf(pdu.data, pdu.data.length + 3 & -4);
            bytes.writeBytes(padded);
            if (dataDigest) {
                bytes.writeBytes(digest(padded, spoilt.equals("data")));
            }
        }
        wire.send(Arrays.copyOf(bytes.toByteArray(), Math.min(most, bytes.size())));
    }

    private static byte[] digest(byte[] bytes, boolean spoilt) {
        byte[] digest = digest(bytes);
        digest[1] ^= (byte) (spoilt ? 1 : 0);
        return digest;
    }

    void sendBytes(byte[] bytes) throws IOException {
        wire.send(bytes);
    }

    static byte[] digest(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        int value = (int) crc.getValue();
        return new byte[] {(byte) value, (byte) (value >> 8), (byte) (value >> 16), (byte) (value >> 24)};
    }

    Pdu receive() throws IOException {
        return receive(PATIENCE_MS);
    }

    Pdu receive(int patienceMs) throws IOException {
        Pdu pdu = new Pdu(bytes(48, patienceMs));
        if (headerDigest) {
            assertEquals(word(digest(pdu.header())), word(bytes(4, patienceMs)), "header digest of " + pdu);
        }
        int length = (int) pdu.get(5, 3);
        if (length > 0) {
            byte[] padded = bytes(length + 3 & -4, patienceMs);
            if (dataDigest) {
                assertEquals(word(digest(padded)), word(bytes(4, patienceMs)), "data digest of " + pdu);
            }
            pdu.data = Arrays.copyOf(padded, length);
        }
        expCmdSn = (int) pdu.get(28, 4);
        maxCmdSn = (int) pdu.get(32, 4);
        return pdu;
    }

    private static int word(byte[] four) {
        return four[0] & 0xff | (four[1] & 0xff) << 8 | (four[2] & 0xff) << 16 | four[3] << 24;
    }

    private byte[] bytes(int count, int patienceMs) throws IOException {
        byte[] bytes = new byte[count];
        for (int at = 0; at < count; ) {
            int more = wire.receive(bytes, at, count - at, patienceMs);
            if (more < 0) {
                throw new EOFException("the target closed");
            }
            at += more;
        }
        return bytes;
    }

    boolean isClosedByTarget(int withinMs) throws IOException {
        try {
            while (true) {
                receive(withinMs);
            }
        } catch (EOFException e) {
            return true;
        }
    }

    Pdu login(int csg, int nsg, boolean transit, String... pairs) {
        return Pdu.of(LOGIN).set(1, 1, (transit ? 0x80 : 0) | csg << 2 | nsg).set(8, 6, isid).set(14, 2, tsih)
            .set(16, 4, 0).set(20, 2, cid).set(24, 4, cmdSn).set(28, 4, expStatSn).data(Pdu.text(pairs));
    }

    /** The answer to a login request. */
    Pdu ask(Pdu request) throws IOException {
        send(request);
        Pdu answer = receive();
        expStatSn = (int) answer.get(24, 4) + 1;
        return answer;
    }

    /** Logs in to a node without authentication, in one exchange. */
    Pdu loginTo(String node, String... more) throws IOException {
        String[] pairs = Arrays.copyOf(new String[] {"InitiatorName=" + NAME, "TargetName=" + node}, 2 + more.length);
        System.arraycopy(more, 0, pairs, 2, more.length);
        return finish(ask(login(1, 3, true, pairs)));
    }

    Pdu discover() throws IOException {
        return finish(ask(login(1, 3, true, "InitiatorName=" + NAME, "SessionType=Discovery")));
    }

    /** Takes what a login has led to. */
    Pdu finish(Pdu answer) {
        assertEquals(0, answer.get(36, 2), "status of the login");
        assertEquals(0x83, answer.flags() & 0x83, "T and NSG");
        tsih = (int) answer.get(14, 2);
        headerDigest = "CRC32C".equals(answer.value("HeaderDigest"));
        dataDigest = "CRC32C".equals(answer.value("DataDigest"));
        return answer;
    }

    /** A SCSI command with the next numbers. */
    Pdu command(int flags, int edtl, byte... cdb) {
        Pdu pdu = Pdu.of(COMMAND).set(1, 1, 0x80 | flags | 1).set(16, 4, nextItt++).set(20, 4, edtl).set(24, 4, cmdSn++)
            .set(28, 4, expStatSn);
        for (int i = 0; i < cdb.length; i++) {
            pdu.set(32 + i, 1, cdb[i]);
        }
        return pdu;
    }

    static byte[] cdb10(int opcode, int lba, int blocks) {
        return new byte[] {(byte) opcode, 0, (byte) (lba >> 24), (byte) (lba >> 16), (byte) (lba >> 8), (byte) lba, 0,
            (byte) (blocks >> 8), (byte) blocks, 0};
    }

    /** Data for an R2T, in PDUs of at most so many bytes. */
    void answer(Pdu r2t, byte[] all, int most) throws IOException {
        int offset = (int) r2t.get(40, 4);
        int end = offset + (int) r2t.get(44, 4);
        for (int at = offset, sn = 0; at < end; sn++) {
            int length = Math.min(most, end - at);
            send(dataOut(r2t.itt(), (int) r2t.get(20, 4), sn, at, at + length == end, Arrays.copyOfRange(all, at, at + length))
                .set(8, 8, r2t.get(8, 8)));
            at += length;
        }
    }

    Pdu dataOut(int itt, int ttt, int dataSn, int offset, boolean last, byte[] data) {
        return Pdu.of(0x05).set(1, 1, last ? 0x80 : 0).set(16, 4, itt).set(20, 4, ttt).set(28, 4, expStatSn).set(36, 4, dataSn)
            .set(40, 4, offset).data(data);
    }

    /** Writes blocks, with as much immediate data as given; answers all R2Ts. Gives the response. */
    Pdu write(int lba, byte[] all, int immediate, int most) throws IOException {
        send(command(0x20, all.length, cdb10(0x2a, lba, all.length / 512)).data(Arrays.copyOf(all, immediate)));
        while (true) {
            Pdu pdu = receive();
            if (pdu.opcode() != 0x31) {
                return pdu;
            }
            answer(pdu, all, most);
        }
    }

    /** Reads blocks; the data of all Data-In PDUs, whose order is checked. */
    byte[] read(int lba, int bytes) throws IOException {
        Pdu command = command(0x40, bytes, cdb10(0x28, lba, bytes / 512));
        send(command);
        return dataOf(command.itt(), bytes);
    }

    byte[] dataOf(int itt, int bytes) throws IOException {
        byte[] all = new byte[bytes];
        int at = 0;
        for (int sn = 0; ; sn++) {
            Pdu pdu = receive();
            assertEquals(0x25, pdu.opcode(), pdu::toString);
            assertEquals(itt, pdu.itt());
            assertEquals(sn, pdu.get(36, 4), "DataSN");
            assertEquals(at, pdu.get(40, 4), "offset");
            System.arraycopy(pdu.data, 0, all, at, pdu.data.length);
            at += pdu.data.length;
            if ((pdu.flags() & 1) != 0) {
                assertEquals(0, pdu.get(3, 1), "status");
                assertEquals(bytes, at, "bytes that came");
                expStatSn = (int) pdu.get(24, 4) + 1;
                return all;
            }
        }
    }

    @Override
    public void close() throws IOException {
        wire.close();
    }
}
