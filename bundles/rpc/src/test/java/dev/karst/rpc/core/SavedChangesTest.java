package dev.karst.rpc.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.ChangeJournal;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A change is kept in its place among the others, and answered when it is durable. */
@Timeout(60)
class SavedChangesTest {
    /** A journal in memory. */
    private static final class Memory implements ChangeJournal {
        final List<String> records = Collections.synchronizedList(new ArrayList<>());
        final CountDownLatch synced = new CountDownLatch(1);
        volatile StorageException full;

        @Override
        public void reserve() throws StorageException {
            if (full != null) {
                throw full;
            }
        }

        @Override
        public long append(String method, Map<String, Object> parameters) {
            records.add(method + parameters);
            return records.size();
        }

        @Override
        public void await(long change) {
            assertTrue(Fixture.await(synced));
        }
    }

    private final Fixture fixture = new Fixture();
    private final Memory journal = new Memory();
    private final List<Long> made = Collections.synchronizedList(new ArrayList<>());

    SavedChangesTest() {
        RpcMethods layer = () -> List.of(
            RpcMethod.named("slot_make", "slot", "make", "Makes a slot").relaxed().saved()
                .takes(
                    RpcParameter.optional("number", Type.U64, "Its number"),
                    RpcParameter.optional("once", Type.BOOLEAN, "Counts once"),
                    RpcParameter.optional("inner", Type.OBJECT, "More").holding(
                        RpcParameter.optional("id", Type.U64, "The identifier"),
                        RpcParameter.optional("name", Type.STRING, "The name")))
                .does(call -> {
                    long number = call.number("number", made.size());
                    made.add(number);
                    call.settle("number", number);
                    call.settle("once", null);
                    if (call.has("inner")) {
                        call.object("inner").settle("id", 7L);
                    }
                    return number;
                }),
            RpcMethod.named("slot_fail", "slot", "fail", "Fails").saved().does(call -> {
                throw StorageException.errno(Errno.EEXIST, "there");
            }),
            RpcMethod.named("slot_long", "slot", "long", "Takes long").saved().runsLong().does(call -> {
                fixture.slowEntered.countDown();
                return Fixture.await(fixture.slowMayEnd);
            }));
        fixture.registry.addMethods(layer);
    }

    private Object call(String name, Map<String, Object> parameters) {
        try {
            return fixture.registry.call(name, parameters);
        } catch (StorageException e) {
            return e.code();
        }
    }

    private CompletableFuture<Object> begin(String name) {
        return CompletableFuture.supplyAsync(() -> call(name, Map.of()), task -> Thread.ofVirtual().start(task));
    }

    @Test
    void shouldKeepWhatMakesItAgainWhenHandlersChoose() {
        journal.synced.countDown();
        fixture.registry.setJournal(journal);
        assertEquals(0L, call("slot_make", Map.of()));
        assertEquals(5L, call("slot_make", Map.of("number", 5L, "once", true)));
        assertEquals(2L, call("slot_make", Map.of("inner", Map.of("name", "x"), "unknown", List.of(1L))));
        assertEquals(List.of("slot_make{number=0}", "slot_make{number=5}", "slot_make{inner={name=x, id=7}, number=2}"), journal.records);
    }

    @Test
    void shouldKeepNothingWhenTheCallFailsOrIsReplayed() throws Exception {
        fixture.registry.setJournal(journal);
        assertEquals(-Errno.EEXIST, call("slot_fail", Map.of()));
        assertEquals(0L, fixture.registry.replay("slot_make", Map.of()));
        assertEquals(List.of(), call("thing_list", Map.of()));
        assertEquals(List.of(), journal.records);
    }

    @Test
    void shouldAnswerOnlyWhenTheChangeIsDurable() throws Exception {
        fixture.registry.setJournal(journal);
        CompletableFuture<Object> one = begin("slot_make");
        CompletableFuture<Object> two = begin("slot_make");
        while (journal.records.size() < 2) {
            Thread.onSpinWait();
        }
        assertFalse(one.isDone() || two.isDone());
        journal.synced.countDown();
        assertTrue(List.of(0L, 1L).contains(one.get()) && List.of(0L, 1L).contains(two.get()));
        assertEquals(List.of("slot_make{number=0}", "slot_make{number=1}"), journal.records);
    }

    @Test
    void shouldNotMakeTheChangeWhenThereIsNoRoom() {
        journal.full = StorageException.errno(Errno.ENOSPC, "full");
        fixture.registry.setJournal(journal);
        assertEquals(-Errno.ENOSPC, call("slot_make", Map.of()));
        assertEquals(List.of(), made);
    }

    @Test
    void shouldKeepOrderWhenManyChangeAtOnce() throws Exception {
        journal.synced.countDown();
        fixture.registry.setJournal(journal);
        List<CompletableFuture<Object>> calls = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            calls.add(begin("slot_make"));
        }
        for (CompletableFuture<Object> call : calls) {
            call.get();
        }
        assertEquals(made.stream().map(number -> "slot_make{number=" + number + "}").toList(), journal.records);
    }

    @Test
    void shouldLetOthersPassWhenOneRunsLong() throws Exception {
        journal.synced.countDown();
        fixture.registry.setJournal(journal);
        CompletableFuture<Object> slow = begin("slot_long");
        assertTrue(Fixture.await(fixture.slowEntered));
        assertEquals(0L, call("slot_make", Map.of()));
        fixture.slowMayEnd.countDown();
        assertEquals(true, slow.get());
        assertEquals(List.of("slot_make{number=0}", "slot_long{}"), journal.records);
    }

    @Test
    void shouldWaitWhenTheJournalIsStillToCome() throws Exception {
        journal.synced.countDown();
        CompletableFuture<Object> call = begin("slot_make");
        assertThrows(TimeoutException.class, () -> call.get(20, TimeUnit.MILLISECONDS));
        fixture.registry.setJournal(journal);
        assertEquals(0L, call.get());
    }

    @Test
    void shouldRefuseWhenTheJournalStaysAway() {
        SavedChanges changes = new SavedChanges(1);
        changes.begin(journal);
        changes.end(journal);
        AtomicInteger calls = new AtomicInteger();
        RpcMethod method = fixture.registry.method("slot_make").orElseThrow();
        var e = assertThrows(StorageException.class, () -> changes.make(method, null, calls::incrementAndGet));
        assertEquals(-Errno.EAGAIN, e.code());
        assertEquals(0, calls.get());
    }
}
