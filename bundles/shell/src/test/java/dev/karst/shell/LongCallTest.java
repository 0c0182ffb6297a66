package dev.karst.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.shell.text.Typist;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.karaf.shell.support.CommandException;
import org.junit.jupiter.api.Test;

class LongCallTest {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch mayEnd = new CountDownLatch(1);
    private final Console console = new Console();
    private final RpcMethod copy = RpcMethod.named("disk_copy", "disk", "copy", "Copies").runsLong().does(this::copy);

    private Object copy(RpcCall call) throws StorageException {
        call.progress(50);
        begun.countDown();
        try {
            while (!mayEnd.await(1, TimeUnit.MILLISECONDS)) {
                if (call.isCancelled()) {
                    throw StorageException.errno(Errno.ECANCELED, "copied half");
                }
            }
        } catch (InterruptedException e) {
            throw StorageException.errno(Errno.EINTR, "interrupted");
        }
        return "copied";
    }

    @Test
    void shouldGiveResultWhenCallEnds() throws Exception {
        mayEnd.countDown();
        console.methods.put(copy.name(), copy);
        assertEquals("copied\n", console.run(copy, ""));
    }

    @Test
    void shouldShowPercentAndTimeLeftWhenAtTerminal() throws Exception {
        try (Typist typist = new Typist("")) {
            console.terminal = typist.terminal();
            console.methods.put(copy.name(), copy);
            console.whenPrinted = text -> {
                if (text.contains("50 %")) {
                    mayEnd.countDown();
                }
            };
            String shown = console.run(copy, "");
            assertTrue(shown.contains("\r50 %, 0 s left"), shown);
            assertTrue(shown.endsWith("\r\033[Kcopied\n"), shown);
        }
    }

    @Test
    void shouldEndCallWhenInterrupted() throws Exception {
        console.methods.put(copy.name(), copy);
        Thread command = Thread.currentThread();
        Thread.ofVirtual().start(() -> {
            try {
                begun.await();
                command.interrupt();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        CommandException failure = assertThrows(CommandException.class, () -> console.run(copy, ""));
        assertEquals("disk:copy: copied half", failure.getNiceHelp());
    }
}
