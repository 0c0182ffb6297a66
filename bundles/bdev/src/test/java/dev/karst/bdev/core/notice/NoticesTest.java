package dev.karst.bdev.core.notice;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.bdev.core.notice.Notices.Kind;
import dev.karst.bdev.core.notice.Notices.Notice;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is kept of what happened. */
class NoticesTest {
    private final Notices notices = new Notices();

    @Test
    void shouldGiveThoseFromANumberOnWhenThereAreFew() {
        assertEquals(List.of(), notices.from(0, Long.MAX_VALUE));
        notices.add(Kind.BDEV_REGISTER, "a");
        notices.add(Kind.BDEV_RESIZE, "a");
        notices.add(Kind.BDEV_UNREGISTER, "a");
        assertEquals(List.of(new Notice(1, Kind.BDEV_RESIZE, "a"), new Notice(2, Kind.BDEV_UNREGISTER, "a")), notices.from(1, 9));
        assertEquals(List.of(new Notice(0, Kind.BDEV_REGISTER, "a")), notices.from(0, 1));
        assertEquals(List.of(), notices.from(3, 9));
        assertEquals(List.of(), notices.from(0, 0));
    }

    @Test
    void shouldGiveTheOldestThatAreKeptWhenOlderOnesAreAskedFor() {
        for (int i = 0; i < Notices.KEPT + 10; i++) {
            notices.add(Kind.BDEV_REGISTER, "b" + i);
        }
        List<Notice> all = notices.from(0, Long.MAX_VALUE);
        assertEquals(Notices.KEPT, all.size());
        assertEquals(new Notice(10, Kind.BDEV_REGISTER, "b10"), all.getFirst());
        assertEquals(Notices.KEPT + 9, all.getLast().id());
    }
}
