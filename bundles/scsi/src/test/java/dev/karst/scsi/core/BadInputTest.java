package dev.karst.scsi.core;

import static dev.karst.scsi.core.FakeInitiator.cdb;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.bdev.IoType;
import dev.karst.scsi.core.FakeInitiator.Answer;
import dev.karst.scsi.core.FakeInitiator.Wish;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The rows of the table of bad inputs: each ends as it says, and after all of them nothing has changed. */
class BadInputTest {
    private record Row(String number, String what, int lun, String cdb, String data, String end) {
        static Row of(String line) {
            String[] cells = Stream.of(line.split("\\|", -1)).map(String::trim).toArray(String[]::new);
            return new Row(cells[0], cells[1], Integer.parseInt(cells[2]), cells[3], cells[4], cells[5]);
        }

        Wish wish() {
            Wish wish = FakeInitiator.cdb(cdb).to(lun);
            return data.startsWith("=") ? wish.taking(Integer.parseInt(data.substring(1))) : wish.sending(bytes(data));
        }

        @Override
        public String toString() {
            return number + " " + what;
        }
    }

    private static byte[] bytes(String data) {
        var bytes = new ByteArrayOutputStream();
        var digits = new StringBuilder();
        for (String word : data.isEmpty() ? new String[0] : data.split(" ")) {
            if (word.startsWith("~")) {
                bytes.writeBytes(HexFormat.of().parseHex(digits));
                digits.setLength(0);
                bytes.writeBytes(new byte[Integer.parseInt(word.substring(1))]);
            } else {
                digits.append(word);
            }
        }
        bytes.writeBytes(HexFormat.of().parseHex(digits));
        return bytes.toByteArray();
    }

    private static List<Row> rows() throws IOException {
        try (InputStream in = BadInputTest.class.getResourceAsStream("bad-inputs.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#")).map(Row::of).toList();
        }
    }

    private static void with(Stage.Body body) {
        Stage.with((stage, one) -> {
            stage.module.missing.add(IoType.UNMAP);
            stage.module.create("Fixed", 64, true, false);
            stage.device.addUnit(2, "Fixed");
            one.ready(0).ready(1).ready(2);
            body.run(stage, one);
        });
    }

    @TestFactory
    Stream<DynamicTest> shouldEndAsTheTableSays() throws IOException {
        return rows().stream().map(row -> DynamicTest.dynamicTest(row.toString(), () -> with((stage, one) -> {
            Answer answer = one.execute(row.wish());
            assertEquals(row.end.equals("0") ? "status 00" : row.end, answer.text());
        })));
    }

    @Test
    void shouldBeAsBeforeWhenAllBadInputsWereSent() throws IOException {
        List<Row> rows = rows();
        assertTrue(rows.stream().map(Row::number).distinct().count() > 25, "few numbers");
        with((stage, one) -> {
            byte[] data = new byte[4096];
            Arrays.fill(data, (byte) 0x77);
            assertTrue(one.execute(cdb("2a 00 00 00 00 00 00 00 08 00").sending(data)).isGood());
            String modes = HexFormat.of().formatHex(one.execute("1a 00 3f 00 ff 00", 255).data());
            for (Row row : rows) {
                if (!row.end.equals("0")) {
                    one.execute(row.wish());
                }
            }
            assertArrayEquals(data, one.execute("28 00 00 00 00 00 00 00 08 00", 4096).data());
            assertEquals(modes, HexFormat.of().formatHex(one.execute("1a 00 3f 00 ff 00", 255).data()));
            assertEquals(8, one.execute("5e 00 00 00 00 00 00 20 00 00", 8192).data().length, "nobody is registered");
        });
    }
}
