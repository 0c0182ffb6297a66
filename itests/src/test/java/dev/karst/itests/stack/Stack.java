package dev.karst.itests.stack;

import dev.karst.base.StorageException;
import dev.karst.bdev.file.FileModule;
import dev.karst.bdev.lvol.LvolModule;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.bdev.nullblk.NullModule;
import dev.karst.bdev.nvme.NvmeModule;
import dev.karst.bdev.passthru.PassthruModule;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.nvmf.testkit.SocketWire;
import dev.karst.nvmf.testkit.Venue;
import dev.karst.nvmf.testkit.Wire;
import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.core.PinnedReactors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** All layers on the real machine. */
final class Stack extends Served {
    private final PinnedReactors pinned;

    Stack(IdlePolicy policy) throws StorageException {
        this(policy, Map.of());
    }

    /** With options of the transport. */
    Stack(IdlePolicy policy, Map<String, Object> options) throws StorageException {
        this(new LinuxEnvironment(), policy, options);
    }

    private Stack(LinuxEnvironment environment, IdlePolicy policy, Map<String, Object> options) throws StorageException {
        this(environment, reactors(environment, policy), options);
    }

    private Stack(LinuxEnvironment environment, PinnedReactors pinned, Map<String, Object> options) throws StorageException {
        super(environment, pinned, List.of(new MallocModule(), new NullModule(), new FileModule(), new PassthruModule(), new LvolModule(), new NvmeModule()),
            options, Bug.NONE);
        this.pinned = pinned;
    }

    private static PinnedReactors reactors(LinuxEnvironment environment, IdlePolicy policy) throws StorageException {
        PinnedReactors reactors = new PinnedReactors(environment);
        reactors.all().forEach(reactor -> reactor.idlePolicy(policy));
        return reactors;
    }

    @Override
    Venue way() {
        return new Venue() {
            @Override
            public Wire connect() throws IOException {
                return new SocketWire("127.0.0.1", port);
            }

            @Override
            public void pass(long millis) throws IOException {
                try {
                    Thread.sleep(millis);
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }

            @Override
            public Path newFile() {
                return Path.of("target", "reservations-" + UUID.randomUUID()).toAbsolutePath();
            }
        };
    }

    @Override
    public void close() {
        super.close();
        pinned.stop();
    }
}
