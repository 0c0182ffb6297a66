package dev.karst.bdev.lvol.spdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Against the pools that SPDK made, and what it answered about them. */
class PoolReaderTest {
    private static final int PAGE = 4096;
    /** Where the pools' metadata begins. */
    private static final int METADATA = 4 * PAGE;
    /** Pages of it that are in use: one with the pool's name, and for each volume one and one with extents. */
    private static final int USED_PAGES = 9;
    private static final int THICK = 1;
    private static final int THIN = 3;
    private static final int THIN_EXTENTS = 6;
    private static final int SNAPSHOT = 5;
    private static final int CLONE = 7;

    private static SpdkPool read(PoolDisk disk) throws StorageException {
        return PoolReader.read(disk).orElseThrow();
    }

    private static SpdkVolume volume(SpdkPool pool, String name) {
        return pool.volumes().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
    }

    private static String sum(PoolImage image, SpdkPool pool, SpdkVolume volume) throws Exception {
        MessageDigest hash = MessageDigest.getInstance("SHA-256");
        byte[] zeros = new byte[pool.clusterBytes()];
        for (int i = 0; i < volume.seen().clusters(); i++) {
            long cluster = volume.seen().get(i);
            hash.update(cluster == 0 ? zeros : image.read(cluster * zeros.length, zeros.length));
        }
        return HexFormat.of().formatHex(hash.digest()) + " " + volume.seen().clusters() * zeros.length;
    }

    private static Map<String, String> sums() throws Exception {
        Map<String, String> sums = new TreeMap<>();
        try (var in = PoolReaderTest.class.getResourceAsStream("sums.txt")) {
            new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().map(line -> line.split(" "))
                .forEach(words -> sums.put(words[0], words[1] + " " + words[2]));
        }
        return sums;
    }

    private static void checkContents(PoolImage image) throws Exception {
        SpdkPool pool = read(image);
        Map<String, String> found = new TreeMap<>();
        for (SpdkVolume volume : pool.volumes()) {
            found.put(volume.name(), sum(image, pool, volume));
        }
        assertEquals(sums(), found);
        assertEquals(List.of(), pool.problems());
    }

    @Test
    void shouldGiveWhatAHostReadWhenThePoolWasShutDown() throws Exception {
        checkContents(PoolImage.clean());
    }

    @Test
    void shouldGiveWhatAHostReadWhenThePoolWasNotShutDown() throws Exception {
        checkContents(PoolImage.unclean());
    }

    @Test
    void shouldSayWhatSpdkSaidOfThePool() throws Exception {
        SpdkPool pool = read(PoolImage.unclean());
        assertEquals("lvs0", pool.name());
        assertEquals(UUID.fromString("147e1465-91a5-47e1-a22c-bc583e3bb7f0"), pool.uuid());
        assertEquals(95, pool.dataClusters());
        assertEquals(83, pool.freeClusters());
        assertEquals(4096, pool.blockSize());
        assertEquals(List.of("thick", "thin", "snap1", "clone1"), pool.volumes().stream().map(SpdkVolume::name).toList());
        SpdkVolume thin = volume(pool, "thin");
        assertEquals(UUID.fromString("bf5da2e1-7ff1-4f6b-80dd-278a62a91bde"), thin.uuid());
        assertEquals("snap1", thin.parent());
        assertEquals(1, thin.allocated());
        assertTrue(thin.thin());
        SpdkVolume snapshot = volume(pool, "snap1");
        assertEquals(List.of("thin", "clone1"), snapshot.clones());
        assertTrue(snapshot.isSnapshot() && snapshot.readOnly());
        assertNull(snapshot.parent());
        assertEquals(8, volume(pool, "thick").allocated());
    }

    @Test
    void shouldFindNothingWhenTheDiskDoesNotBeginAsAPool() throws Exception {
        PoolImage image = PoolImage.clean();
        image.head[0] = 's';
        assertTrue(PoolReader.read(image).isEmpty());
    }

    /** What is told of each volume, and all that is seen of it. */
    private static Map<String, String> seen(SpdkPool pool) {
        Map<String, String> seen = new TreeMap<>();
        for (SpdkVolume volume : pool.volumes()) {
            var text = new StringBuilder(volume.uuid() + " " + volume.parent() + " " + volume.clones());
            for (int i = 0; volume.seen() != null && i < volume.seen().clusters(); i++) {
                text.append(' ').append(volume.seen().get(i));
            }
            seen.put(volume.name(), volume.trouble() == null ? text.toString() : "trouble");
        }
        return seen;
    }

    private static void flipEachByte(PoolImage image) throws StorageException {
        Map<String, String> right = seen(read(image));
        int found = 0;
        for (int at = 0; at < METADATA + USED_PAGES * PAGE; at++) {
            byte before = image.head[at];
            image.head[at] ^= (byte) (1 + at % 255);
            try {
                SpdkPool pool = PoolReader.read(image).orElse(null);
                boolean told = pool == null || !pool.problems().isEmpty();
                found += told ? 1 : 0;
                assertTrue(told || right.equals(seen(pool)), "byte " + at);
            } catch (StorageException e) {
                assertNotNull(e.getMessage());
                found++;
            }
            image.head[at] = before;
        }
        assertTrue(found >= (1 + USED_PAGES) * PAGE, found + " were found");
    }

    @Test
    void shouldTellOrGiveTheSameWhenAnyByteOfTheMetadataIsFlipped() throws Exception {
        flipEachByte(PoolImage.clean());
        flipEachByte(PoolImage.unclean());
    }

    @Test
    void shouldTellWhenAnyPageOfTheMetadataIsEmptied() throws Exception {
        PoolImage image = PoolImage.clean();
        for (int page = 1; page < USED_PAGES; page++) {
            byte[] before = page(image, page);
            Arrays.fill(image.head, METADATA + page * PAGE, METADATA + (page + 1) * PAGE, (byte) 0);
            SpdkPool pool = read(image);
            assertTrue(!pool.problems().isEmpty(), "page " + page);
            System.arraycopy(before, 0, image.head, METADATA + page * PAGE, PAGE);
        }
    }

    @Test
    void shouldTellWhenAnyTwoPagesOfTheMetadataAreSwapped() throws Exception {
        PoolImage image = PoolImage.clean();
        Map<String, String> right = seen(read(image));
        for (int one = 1; one < USED_PAGES; one++) {
            for (int other = one + 1; other < USED_PAGES; other++) {
                byte[] first = page(image, one);
                byte[] second = page(image, other);
                System.arraycopy(second, 0, image.head, METADATA + one * PAGE, PAGE);
                System.arraycopy(first, 0, image.head, METADATA + other * PAGE, PAGE);
                SpdkPool pool = read(image);
                boolean extents = List.of(4, THIN_EXTENTS, 8).containsAll(List.of(one, other));
                // Extents do not say whose they are: SPDK's format cannot show that two pages of them changed places.
                assertTrue(extents || !pool.problems().isEmpty() || right.equals(seen(pool)), one + " and " + other);
                System.arraycopy(first, 0, image.head, METADATA + one * PAGE, PAGE);
                System.arraycopy(second, 0, image.head, METADATA + other * PAGE, PAGE);
            }
        }
    }

    private static byte[] page(PoolImage image, int number) {
        return Arrays.copyOfRange(image.head, METADATA + number * PAGE, METADATA + (number + 1) * PAGE);
    }

    /** Changes a page and makes it whole again. */
    private static void change(PoolImage image, int offset, Consumer<ByteBuffer> change) {
        ByteBuffer page = ByteBuffer.wrap(image.head, offset, PAGE).slice().order(ByteOrder.LITTLE_ENDIAN);
        change.accept(page);
        var crc = new CRC32C();
        crc.update(image.head, offset, PAGE - 4);
        page.putInt(PAGE - 4, (int) crc.getValue());
    }

    private static void changeMetadata(PoolImage image, int page, Consumer<ByteBuffer> change) {
        change(image, METADATA + page * PAGE, change);
    }

    /** Where a word stands in a page. */
    private static int find(ByteBuffer page, byte[] what) {
        for (int at = 0; at < PAGE - what.length; at++) {
            if (page.slice(at, what.length).equals(ByteBuffer.wrap(what))) {
                return at;
            }
        }
        throw new AssertionError("not in the page");
    }

    private static void checkTrouble(PoolImage image, String volume, String trouble, int readable) throws StorageException {
        SpdkPool pool = read(image);
        assertEquals(trouble, volume(pool, volume).trouble());
        assertEquals(readable, pool.volumes().stream().filter(each -> each.trouble() == null).count());
        assertTrue(pool.problems().contains("volume " + volume + ": " + trouble), () -> pool.problems().toString());
    }

    @Test
    void shouldKeepBothFromBeingReadWhenTwoOwnACluster() throws Exception {
        PoolImage image = PoolImage.unclean();
        changeMetadata(image, THIN_EXTENTS, page -> page.putInt(16 + 9 + 4 * 6, 8));
        checkTrouble(image, "thick", "its cluster 8 is in use twice", 2);
        checkTrouble(image, "thin", "its cluster 8 is in use twice", 2);
    }

    @Test
    void shouldReadTheOthersWhenAClusterLiesBeyondTheEnd() throws Exception {
        PoolImage image = PoolImage.unclean();
        changeMetadata(image, THIN_EXTENTS, page -> page.putInt(16 + 9 + 4 * 6, -1));
        checkTrouble(image, "thin", "it claims cluster 4294967295, which is none for data", 3);
        changeMetadata(image, THIN_EXTENTS, page -> page.putInt(16 + 9 + 4 * 6, 96));
        checkTrouble(image, "thin", "it claims cluster 96, which is none for data", 3);
    }

    @Test
    void shouldTellWhenASnapshotIsNotThereOrStandsOnItself() throws Exception {
        byte[] reference = HexFormat.of().parseHex("534e4150" + "0500000001000000");
        PoolImage image = PoolImage.unclean();
        changeMetadata(image, CLONE, page -> page.put(find(page, reference) + 4, (byte) 44));
        checkTrouble(image, "clone1", "the snapshot that it stands on is not there", 3);
        changeMetadata(image, CLONE, page -> page.put(find(page, HexFormat.of().parseHex("534e41502c")) + 4, (byte) CLONE));
        checkTrouble(image, "clone1", "it stands on itself", 3);
    }

    @Test
    void shouldTellWhenAChainOfPagesIsACircle() throws Exception {
        PoolImage image = PoolImage.unclean();
        changeMetadata(image, THICK, page -> page.putInt(4088, THICK));
        checkTrouble(image, "thick", "its pages do not follow each other", 3);
        changeMetadata(image, THICK, page -> page.putInt(4088, 96));
        checkTrouble(image, "thick", "it refers to page 96 of 96", 3);
    }

    /** The chain goes on in a page that is free, which says that it is at such a place. */
    private static void chain(PoolImage image, int blob, long id, int place) {
        int free = 40;
        changeMetadata(image, blob, page -> page.putInt(4088, free));
        Arrays.fill(image.head, METADATA + free * PAGE, METADATA + (free + 1) * PAGE, (byte) 0);
        changeMetadata(image, free, page -> page.putLong(0, id).putInt(8, place).putInt(4088, -1));
    }

    @Test
    void shouldTellWhenPagesOfAChainAreMissingOrAnothers() throws Exception {
        long id = 1L << 32 | THICK;
        PoolImage right = PoolImage.unclean();
        chain(right, THICK, id, 1);
        assertEquals(List.of(), read(right).problems());
        for (int place : List.of(2, 3, 0, -1)) {
            PoolImage gap = PoolImage.unclean();
            chain(gap, THICK, id, place);
            checkTrouble(gap, "thick", "its pages do not follow each other", 3);
        }
        PoolImage others = PoolImage.unclean();
        chain(others, THICK, id + 1, 1);
        checkTrouble(others, "thick", "its pages do not follow each other", 3);
        PoolImage back = PoolImage.unclean();
        chain(back, THICK, id, 1);
        changeMetadata(back, 40, page -> page.putInt(4088, 40));
        checkTrouble(back, "thick", "its pages do not follow each other", 3);
    }

    @Test
    void shouldTellWhenAPageSaysThatItIsAnother() throws Exception {
        for (PoolImage image : List.of(PoolImage.clean(), PoolImage.unclean())) {
            changeMetadata(image, THICK, page -> page.putLong(0, 1L << 32 | 77));
            SpdkPool pool = read(image);
            assertTrue(pool.problems().contains("page 1 of the metadata says that it is page 77"), () -> pool.problems().toString());
            assertEquals(3, pool.volumes().size());
        }
    }

    @Test
    void shouldTellWhenADescriptorDoesNotFit() throws Exception {
        byte[] name = "thick".getBytes(StandardCharsets.US_ASCII);
        int before = "name".length() + 4;
        Map<Consumer<ByteBuffer>, String> wrong = Map.of(
            page -> page.putInt(find(page, name) - before - 4, 4096), "a descriptor is longer than its page",
            page -> page.putInt(find(page, name) - before - 4, -1), "a descriptor is longer than its page",
            page -> page.putInt(find(page, name) - before - 4, Integer.MAX_VALUE), "a descriptor is longer than its page",
            page -> page.putShort(find(page, name) - before, (short) 4000), "an attribute has another length",
            page -> page.putShort(find(page, name) - before + 2, (short) -1), "an attribute has another length",
            page -> page.put(find(page, name) - before - 5, (byte) 9), "it has a descriptor of kind 9");
        for (Map.Entry<Consumer<ByteBuffer>, String> each : wrong.entrySet()) {
            PoolImage image = PoolImage.unclean();
            changeMetadata(image, THICK, each.getKey());
            SpdkPool pool = read(image);
            assertTrue(pool.problems().stream().anyMatch(problem -> problem.endsWith(each.getValue())), () -> each.getValue() + ": " + pool.problems());
            assertEquals(3, pool.volumes().stream().filter(volume -> volume.trouble() == null).count());
        }
    }

    /** They are written when a pool is shut down, and nothing is believed of them. */
    @Test
    void shouldReadThePoolRightlyWhenItsMasksAreOld() throws Exception {
        PoolImage image = PoolImage.unclean();
        change(image, 0, page -> page.putInt(16, 1));
        Map<String, String> found = new TreeMap<>();
        SpdkPool pool = read(image);
        for (SpdkVolume volume : pool.volumes()) {
            found.put(volume.name(), sum(image, pool, volume));
        }
        assertEquals(sums(), found);
        PoolImage more = PoolImage.clean();
        int mask = ByteBuffer.wrap(more.head).order(ByteOrder.LITTLE_ENDIAN).getInt(72);
        more.head[mask * PAGE + 5 + 5] |= 1;
        assertEquals(List.of("the blob of page 40 of the metadata is lost"), read(more).problems());
        assertEquals(4, read(more).volumes().size());
    }

    @Test
    void shouldTellWhenAVolumeIsLargerThanAnyOrItsTableTooShort() throws Exception {
        byte[] table = HexFormat.of().parseHex("0510000000" + "0800000000000000");
        PoolImage image = PoolImage.unclean();
        changeMetadata(image, THICK, page -> page.putLong(find(page, table) + 5, Long.MAX_VALUE));
        checkTrouble(image, "thick", "it has too many clusters", 3);
        changeMetadata(image, THICK, page -> page.putLong(find(page, HexFormat.of().parseHex("0510000000")) + 5, 1024));
        checkTrouble(image, "thick", "page 2 holds other extents", 3);
    }

    @Test
    void shouldLeaveASnapshotOutWhenItWasBeingMadeAndNobodyStandsOnIt() throws Exception {
        PoolImage image = PoolImage.unclean();
        changeMetadata(image, THIN, page -> {
            int at = find(page, HexFormat.of().parseHex("04100000000400080053"));
            // No reference to the snapshot any more.
            page.put(at + 9, "SNAR".getBytes(StandardCharsets.US_ASCII));
        });
        changeMetadata(image, SNAPSHOT, page -> {
            int end = find(page, HexFormat.of().parseHex("0510000000")) + 5 + 16;
            page.put(end, HexFormat.of().parseHex("0413000000" + "07000800" + "534e4150544d50" + "0300000001000000"));
        });
        SpdkPool pool = read(image);
        assertEquals(List.of("thick", "thin", "clone1"), pool.volumes().stream().map(SpdkVolume::name).toList());
    }

    @Test
    void shouldRefuseThePoolWhenItsSuperBlockSaysTheImpossible() throws Exception {
        Map<Consumer<ByteBuffer>, String> wrong = Map.of(
            page -> page.putInt(8, 4), "its version is 4",
            page -> page.putInt(28, 0), "its clusters have 0 bytes",
            page -> page.putInt(28, 4097), "its clusters have 4097 bytes",
            page -> page.putInt(48, 1 << 20), "its metadata lies beyond its end",
            page -> page.putLong(80, 1L << 40), "it has 1099511627776 bytes, and the disk 100663296",
            page -> page.putLong(80, -1), "it has -1 bytes",
            page -> page.putInt(92, 8192), "its pages have 8192 bytes",
            page -> page.put(56, (byte) 0), "it holds no logical volumes",
            page -> page.putInt(76, 100), "its mask of blobs does not lie before its metadata",
            page -> page.putLong(20, 5), "it has no name");
        for (Map.Entry<Consumer<ByteBuffer>, String> each : wrong.entrySet()) {
            PoolImage image = PoolImage.clean();
            change(image, 0, each.getKey());
            String message = assertThrows(StorageException.class, () -> read(image)).getMessage();
            assertTrue(message.contains(each.getValue()), message);
        }
    }
}
