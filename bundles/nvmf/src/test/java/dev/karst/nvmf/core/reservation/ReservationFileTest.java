package dev.karst.nvmf.core.reservation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.sim.SimEnvironment;
import dev.karst.env.sim.SimRandom;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a file holds is what was saved; a file that is not as it was written is refused. */
class ReservationFileTest {
    private static final Path PATH = Path.of("/data/ns1.reservations");
    private static final UUID NAMESPACE = new UUID(0x5f0c, 1);

    private final SimEnvironment environment = new SimEnvironment(new SimRandom(1), 1);
    private final ReservationFile file = new ReservationFile(environment.files(), PATH, NAMESPACE);

    @AfterEach
    void close() {
        environment.close();
    }

    private static ReservationState state(int registrants, ReservationType type) {
        List<Registration> all = IntStream.range(0, registrants)
            .mapToObj(i -> new Registration(new UUID(i, -i), -1L - i)).toList();
        return new ReservationState(-7, true, type, null, all).reserved(type, new UUID(0, 0));
    }

    @Test
    void shouldHoldWhatWasSavedUpToTheLimit() throws Exception {
        assertEquals(ReservationState.EMPTY, file.load());
        for (int registrants : new int[] {1, 2, 17, ReservationState.MAX_REGISTRANTS}) {
            for (ReservationType type : ReservationType.values()) {
                ReservationState state = type == ReservationType.NONE
                    ? state(registrants, ReservationType.WRITE_EXCLUSIVE).released() : state(registrants, type);
                file.save(state);
                assertEquals(state, file.load());
            }
        }
    }

    @Test
    void shouldKeepNothingWhenTheStateDoesNotPersist() throws Exception {
        file.save(state(3, ReservationType.WRITE_EXCLUSIVE).withPersistence(false));
        assertEquals(ReservationState.EMPTY, file.load());
    }

    private void expectRefusal(byte[] content, String why) throws StorageException {
        environment.files().replace(PATH, content);
        var e = assertThrows(StorageException.class, file::load, why);
        assertEquals(-Errno.EINVAL, e.code());
        assertTrue(e.getMessage().startsWith("the reservations in " + PATH + " cannot be used: "), e.getMessage());
        assertTrue(e.getMessage().contains(why), e.getMessage());
    }

    @Test
    void shouldRefuseAFileOfWhichOneBitOrTheEndDiffers() throws Exception {
        file.save(state(3, ReservationType.EXCLUSIVE_ACCESS_REGISTRANTS));
        byte[] sound = environment.files().read(PATH, 1 << 16);
        for (int bit = 0; bit < sound.length * 8; bit++) {
            byte[] damaged = sound.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            expectRefusal(damaged, "");
        }
        for (int length = 0; length < sound.length; length++) {
            expectRefusal(Arrays.copyOf(sound, length), "");
        }
        expectRefusal(Arrays.copyOf(sound, sound.length + 1), "it is damaged");
    }

    @Test
    void shouldSayWhyAFileIsRefused() throws Exception {
        expectRefusal("{\"ptpl\": true}".getBytes(StandardCharsets.US_ASCII),
            "it does not begin with \"karst-reservations 1\"");
        new ReservationFile(environment.files(), PATH, new UUID(0, 9)).save(
            state(1, ReservationType.WRITE_EXCLUSIVE));
        byte[] other = environment.files().read(PATH, 1 << 16);
        expectRefusal(other, "it belongs to namespace 00000000-0000-0000-0000-000000000009, not to " + NAMESPACE);
        file.save(new ReservationState(1, true, ReservationType.WRITE_EXCLUSIVE, new UUID(1, 1), List.of()));
        expectRefusal(environment.files().read(PATH, 1 << 16), "it is damaged");
    }
}
