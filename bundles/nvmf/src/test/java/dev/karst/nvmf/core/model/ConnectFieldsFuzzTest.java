package dev.karst.nvmf.core.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.spec.nvmf.ConnectCommand;
import dev.karst.spec.nvmf.ConnectData;
import dev.karst.spec.nvmf.Nqn;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * Connect commands and their names against a second reading of the same bytes. {@link #fuzzerTestOneInput} is also the entry for
 * a fuzzer that is guided by coverage.
 *
 * <p>An input: 24 bytes of the command from RECFMT on, 18 of the data (HOSTID, CNTLID), what the fields of names are filled up
 * with, the length of the first name, and the two names.
 */
class ConnectFieldsFuzzTest {
    private static final int INPUTS = 40_000;
    private static final int SQE_AT = 40;
    private static final int SQE_LENGTH = 24;
    private static final int IDS_LENGTH = 18;
    private static final int NAMES = SQE_LENGTH + IDS_LENGTH + 2;
    private static final List<String> CORPUS = List.of(
        "nqn.2014-08.org.nvmexpress.discovery", "nqn.2026-11.dev.karst:disk", "nqn.2016-06.io.spdk:cnode1",
        "nqn.2014-08.org.nvmexpress:uuid:6b6b4a0e-8f1b-4b0e-9d0a-5f0c5d3a7e11", "nqn.2026-12.a-b.c:\u00e9\u20ac\ud83d\ude00", "",
        "nqn.2026-01.x:" + "y".repeat(209), "nqn.2026-01.x:" + "y".repeat(210), "z".repeat(255), "nqn.2026-13.x:y", "a\u0085b");
    private static final String PIECES = "nq.-:0129azAZ\u0000\u0001\u007f\u0080\u00ff";

    /** What is tested. */
    record Subject(Reading reading, Predicate<String> isWellFormed) {}

    @FunctionalInterface
    interface Reading {
        ConnectFields read(long sqe, long data);
    }

    private static final Subject REAL = new Subject(ConnectFields::read, Nqn::isWellFormed);

    /** One input. */
    public static void fuzzerTestOneInput(byte[] input) {
        hold(REAL, input);
    }

    private static void hold(Subject subject, byte[] input) {
        ByteBuffer sqe = little(ConnectCommand.BYTES);
        ByteBuffer data = little(ConnectData.BYTES);
        lay(Arrays.copyOf(input, Math.max(input.length, NAMES)), sqe.array(), data.array());
        ConnectFields fields = read(subject.reading, sqe.array(), data.array());
        assertEquals(sqe.getShort(40) & 0xffff, fields.recfmt(), "RECFMT");
        assertEquals(sqe.getShort(42) & 0xffff, fields.qid(), "QID");
        assertEquals(sqe.getShort(44) & 0xffff, fields.sqsize(), "SQSIZE");
        assertEquals((sqe.get(46) & 4) == 0, fields.flowControl(), "flow control");
        assertEquals(sqe.getInt(48) & 0xffff_ffffL, fields.katoMs(), "KATO");
        assertEquals(data.getShort(16) & 0xffff, fields.cntlid(), "CNTLID");
        ByteBuffer hostId = ByteBuffer.wrap(data.array());
        assertEquals(new UUID(hostId.getLong(), hostId.getLong()), fields.hostId(), "HOSTID");
        holdName(subject, Arrays.copyOfRange(data.array(), 256, 512), fields.subNqn());
        holdName(subject, Arrays.copyOfRange(data.array(), 512, 768), fields.hostNqn());
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void lay(byte[] input, byte[] sqe, byte[] data) {
        System.arraycopy(input, 0, sqe, SQE_AT, SQE_LENGTH);
        System.arraycopy(input, SQE_LENGTH, data, 0, IDS_LENGTH);
        Arrays.fill(data, 256, 768, input[NAMES - 2]);
        int names = input.length - NAMES;
        int first = Math.min(input[NAMES - 1] & 0xff, names);
        int second = Math.min(names - first, Nqn.FIELD_BYTES);
        System.arraycopy(input, NAMES, data, 256, first);
        System.arraycopy(input, NAMES + first, data, 512, second);
    }

    private static ConnectFields read(Reading reading, byte[] sqe, byte[] data) {
        try (Arena arena = Arena.ofConfined()) {
            long address = arena.allocate(sqe.length + data.length, 8).address();
            Mem.register(address, sqe.length + data.length);
            try {
                Mem.put(address, sqe, 0, sqe.length);
                Mem.put(address + sqe.length, data, 0, data.length);
                return reading.read(address, address + sqe.length);
            } finally {
                Mem.unregister(address);
            }
        }
    }

    /** Fails when a name is not what the field holds, or none although the field holds one. */
    private static void holdName(Subject subject, byte[] field, String name) {
        int length = 0;
        while (length < field.length && field[length] != 0) {
            length++;
        }
        String text = new String(field, 0, length, StandardCharsets.UTF_8);
        byte[] textBytes = text.getBytes(StandardCharsets.UTF_8);
        boolean isText = Arrays.equals(textBytes, 0, textBytes.length, field, 0, length);
        boolean isProper = textBytes.length >= 1 && textBytes.length <= Nqn.MAX_BYTES && isPrintable(text);
        assertEquals(isProper && isText ? text : null, name, "name");
        assertEquals(isProper, Nqn.isAcceptable(text), "acceptable");
        assertEquals(isProper && isDated(text), subject.isWellFormed.test(text), "well formed");
    }

    private static boolean isPrintable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            if (letter < 0x20 || letter >= 0x7f && letter < 0xa0) {
                return false;
            }
        }
        return true;
    }

    /** Whether it is nqn.YYYY-MM.DOMAIN:REST, looked at letter by letter. */
    private static boolean isDated(String name) {
        int colon = name.indexOf(':');
        if (!name.startsWith("nqn.") || colon < 12 || name.charAt(8) != '-' || name.charAt(11) != '.') {
            return false;
        }
        String digits = name.substring(4, 8) + name.substring(9, 11);
        boolean isDate = digits.chars().allMatch(letter -> letter >= '0' && letter <= '9');
        if (!isDate || Integer.parseInt(digits.substring(4)) < 1 || Integer.parseInt(digits.substring(4)) > 12) {
            return false;
        }
        for (String label : name.substring(12, colon).split("\\.", -1)) {
            boolean isLabel = label.chars().allMatch(letter -> letter == '-' || letter < 0x80 && Character.isLetterOrDigit(letter));
            if (label.isEmpty() || !isLabel || label.startsWith("-") || label.endsWith("-")) {
                return false;
            }
        }
        String rest = name.substring(colon + 1);
        return !rest.isEmpty() && rest.chars().noneMatch(letter -> letter == 0x2028 || letter == 0x2029);
    }

    /** Inputs near those of the corpus. */
    private static void play(Subject subject, int inputs) {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < inputs; i++) {
            byte[] first = name(random);
            byte[] second = name(random);
            byte[] input = new byte[NAMES + first.length + second.length];
            random.nextBytes(input);
            input[NAMES - 2] = (byte) (random.nextInt(4) == 0 ? 'x' : 0);
            input[NAMES - 1] = (byte) first.length;
            System.arraycopy(first, 0, input, NAMES, first.length);
            System.arraycopy(second, 0, input, NAMES + first.length, second.length);
            hold(subject, random.nextInt(50) == 0 ? Arrays.copyOf(input, random.nextInt(input.length)) : input);
        }
    }

    private static byte[] name(SplittableRandom random) {
        byte[] name = CORPUS.get(random.nextInt(CORPUS.size())).getBytes(StandardCharsets.UTF_8);
        for (int changes = random.nextInt(3); changes > 0 && name.length > 0; changes--) {
            int at = random.nextInt(4) == 0 ? random.nextInt(name.length) : random.nextInt(Math.min(name.length, 20));
            name[at] = (byte) PIECES.charAt(random.nextInt(PIECES.length()));
        }
        return name;
    }

    @Test
    void shouldReadWhatIsThereWhenCommandsAreMutated() {
        play(REAL, INPUTS);
    }

    @Test
    void shouldFindEachWrongReadingWhenItIsPlanted() {
        Map<String, Subject> planted = new LinkedHashMap<>();
        planted.put("names are exchanged", reading((sqe, data) -> {
            ConnectFields real = ConnectFields.read(sqe, data);
            return with(real, real.qid(), real.sqsize(), real.hostNqn(), real.subNqn());
        }));
        planted.put("QID has 8 bits", reading((sqe, data) -> {
            ConnectFields real = ConnectFields.read(sqe, data);
            return with(real, real.qid() & 0xff, real.sqsize(), real.subNqn(), real.hostNqn());
        }));
        planted.put("SQSIZE has a sign", reading((sqe, data) -> {
            ConnectFields real = ConnectFields.read(sqe, data);
            return with(real, real.qid(), (short) real.sqsize(), real.subNqn(), real.hostNqn());
        }));
        planted.put("a NUL is not needed", reading((sqe, data) -> {
            ConnectFields real = ConnectFields.read(sqe, data);
            boolean ends = Mem.getByte(data + 511) == 0;
            return with(real, real.qid(), real.sqsize(), ends ? real.subNqn() : "no end", real.hostNqn());
        }));
        planted.put("names are not decoded", reading((sqe, data) -> {
            ConnectFields real = ConnectFields.read(sqe, data);
            String name = real.hostNqn();
            return with(real, real.qid(), real.sqsize(), real.subNqn(),
                name == null ? null : new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
        }));
        planted.put("month 13 is a month", new Subject(ConnectFields::read,
            name -> Nqn.isWellFormed(name.replace("-13.", "-12."))));
        planted.put("nothing after the colon", new Subject(ConnectFields::read,
            name -> Nqn.isWellFormed(name) || Nqn.isWellFormed(name + "x")));
        List<String> unnoticed = new ArrayList<>();
        planted.forEach((bug, subject) -> {
            if (!isFound(subject)) {
                unnoticed.add(bug);
            }
        });
        assertEquals(List.of(), unnoticed);
    }

    private static Subject reading(Reading reading) {
        return new Subject(reading, Nqn::isWellFormed);
    }

    private static ConnectFields with(ConnectFields real, int qid, int sqsize, String subNqn, String hostNqn) {
        return new ConnectFields(real.recfmt(), qid, sqsize, real.flowControl(), real.katoMs(), real.hostId(), real.cntlid(),
            subNqn, hostNqn);
    }

    private static boolean isFound(Subject subject) {
        try {
            play(subject, 20_000);
            return false;
        } catch (AssertionError e) {
            return true;
        }
    }

    @Test
    void shouldReadNamesThatAreRight() {
        for (String name : List.of(Nqn.DISCOVERY, CORPUS.get(4))) {
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            byte[] data = new byte[ConnectData.BYTES];
            System.arraycopy(bytes, 0, data, 256, bytes.length);
            ConnectFields fields = read(ConnectFields::read, new byte[ConnectCommand.BYTES], data);
            assertEquals(name, fields.subNqn());
            assertTrue(fields.hostNqn() == null && Nqn.isWellFormed(CORPUS.get(4)));
        }
    }
}
