package dev.karst.vhost.played;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import dev.karst.reactor.core.ControlWait;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions played by themselves: thousands of inputs in a moment, and the bugs planted in them. */
class PlayedFrontEndTest {
    private static final int INPUTS = 5_000;

    private static void playAll(PlayedFrontEnd played) throws StorageException {
        var random = new SplittableRandom(1);
        for (int i = 0; i < INPUTS; i++) {
            byte[] input = new byte[4 + random.nextInt(100)];
            random.nextBytes(input);
            played.play(PlayedFrontEnd.messages(input));
        }
        played.serve();
    }

    @Test
    void shouldGiveAllBackWhateverIsSaid() throws Exception {
        try (var played = new PlayedFrontEnd()) {
            played.serve();
            playAll(played);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldSeeWhatIsNotGivenBack(PlayedSockets.Held what) throws Exception {
        try (var played = new PlayedFrontEnd()) {
            played.forget(what);
            var seen = assertThrows(AssertionError.class, () -> playAll(played));
            assertTrue(seen.getMessage().contains(what.name()), seen.getMessage());
        }
    }

    @Test
    void shouldSeeThatMemoryIsUsedWhichCanBeMadeShorter() throws Exception {
        try (var played = new PlayedFrontEnd(true)) {
            var seen = assertThrows(AssertionError.class, () -> playAll(played));
            assertTrue(seen.getMessage().contains("unsealed"), seen.getMessage());
        }
    }

    /** A queue that starts late must not go on in memory that was given back. */
    @Test
    void shouldWaitForTheQueueWhenItsReactorIsSlow() throws Exception {
        try (var played = new PlayedFrontEnd()) {
            var slow = new SlowReactors(played.world().reactors());
            played.serve(slow);
            assertTrue(slow.missed > 0);
        }
    }

    /** Each first wait is too short. */
    private static final class SlowReactors implements Reactors {
        private final Reactors real;
        private CompletableFuture<?> last;
        private int missed;

        SlowReactors(Reactors real) {
            this.real = real;
        }

        @Override
        public List<Reactor> all() {
            return real.all();
        }

        @Override
        public Reactor next() {
            return real.next();
        }

        @Override
        public <T> T await(CompletableFuture<T> future, long timeoutMs, String what) throws StorageException {
            if (future != last && !future.isDone()) {
                last = future;
                missed++;
                throw ControlWait.timeout(timeoutMs, what);
            }
            return real.await(future, timeoutMs, what);
        }
    }
}
