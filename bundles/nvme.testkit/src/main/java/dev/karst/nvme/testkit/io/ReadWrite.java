package dev.karst.nvme.testkit.io;

import dev.karst.nvme.testkit.command.SimCommand;
import dev.karst.nvme.testkit.controller.ControllerState;
import dev.karst.nvme.testkit.media.Settings;
import dev.karst.nvme.testkit.media.SimNamespace;
import dev.karst.spec.nvme.NvmCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import java.util.Arrays;

/** Commands on one range of blocks. NVM Command Set 1.1, 3.3. */
final class ReadWrite {
    private static final int PAGE = 4096;

    private final ControllerState state;

    ReadWrite(ControllerState state) {
        this.state = state;
    }

    int execute(SimCommand command, SimNamespace namespace) {
        long slba = NvmCommand.SLBA.get(command.sqe);
        int count = NvmCommand.NLB.get(command.sqe) + 1;
        if (!namespace.holds(slba, count)) {
            return NvmeStatus.LBA_OUT_OF_RANGE | NvmeStatus.DNR;
        }
        int opcode = command.opcode();
        boolean moves = opcode == Opcode.NVM_READ || opcode == Opcode.NVM_WRITE || opcode == Opcode.NVM_COMPARE;
        if (moves && isTooLong(Blocks.bufferBytes(command, namespace.settings(), count))) {
            return NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
        }
        Protection protection = Protection.of(command.sqe);
        int status = protection.check(namespace.settings(), slba);
        if (status != 0) {
            return status;
        }
        return switch (opcode) {
            case Opcode.NVM_READ -> read(command, namespace, slba, count);
            case Opcode.NVM_WRITE -> write(command, namespace, slba, count);
            case Opcode.NVM_COMPARE -> compare(command, namespace, slba, count);
            case Opcode.NVM_VERIFY -> verified(namespace, slba, count, protection) == null ? verifyStatus : 0;
            case Opcode.NVM_WRITE_ZEROES -> zero(command, namespace, slba, count);
            default -> uncorrectable(namespace, slba, count);
        };
    }

    /** Whether MDTS forbids so much data. */
    boolean isTooLong(long bytes) {
        int limit = state.traits.maxTransfer;
        return limit != 0 && bytes > (long) PAGE << limit;
    }

    /** Why {@link #verified} returned nothing. */
    private int verifyStatus;

    /**
     * The blocks, when they can be read and their protection information is right; null, with {@link #verifyStatus}, when not.
     */
    private Blocks verified(SimNamespace namespace, long slba, int count, Protection protection) {
        verifyStatus = namespace.zones() == null ? 0 : namespace.zones().checkRead(slba, count);
        if (verifyStatus == 0 && namespace.isUncorrectable(slba, count)) {
            state.counters.mediaErrors++;
            verifyStatus = NvmeStatus.UNRECOVERED_READ_ERROR;
        }
        if (verifyStatus != 0) {
            return null;
        }
        var blocks = new Blocks(slba, count, namespace.data(slba, count), namespace.metadata(slba, count));
        if (namespace.settings().protection() != 0) {
            verifyStatus = protection.verify(blocks, namespace.settings());
        }
        return verifyStatus == 0 ? blocks : null;
    }

    private int read(SimCommand command, SimNamespace namespace, long slba, int count) {
        Settings settings = namespace.settings();
        Blocks blocks = verified(namespace, slba, count, Protection.of(command.sqe));
        if (blocks == null) {
            return verifyStatus;
        }
        state.counters.reads++;
        state.counters.readBlocks += (long) count * settings.format().dataBytes() / 512;
        boolean stripped = Blocks.isStripped(command, settings);
        if (settings.extended() && !stripped) {
            return state.data.toHost(command, blocks.extended(settings));
        }
        int status = state.data.toHost(command, blocks.data());
        return status != 0 || stripped || blocks.metadata().length == 0 ? status : state.data.metadataToHost(command,
            blocks.metadata());
    }

    private int fetch(SimCommand command, Settings settings, Blocks blocks) {
        boolean stripped = Blocks.isStripped(command, settings);
        if (settings.extended() && !stripped) {
            byte[] all = new byte[blocks.data().length + blocks.metadata().length];
            int status = state.data.fromHost(command, all);
            blocks.takeExtended(all, settings);
            return status;
        }
        int status = state.data.fromHost(command, blocks.data());
        return status != 0 || stripped || blocks.metadata().length == 0 ? status : state.data.metadataFromHost(command,
            blocks.metadata());
    }

    private int write(SimCommand command, SimNamespace namespace, long slba, int count) {
        int status = namespace.zones() == null ? 0 : namespace.zones().write(slba, count);
        return status == 0 ? store(command, namespace, slba, count) : status;
    }

    /** Fetches the blocks of a command and stores them from {@code slba} on, which a Zone Append chose. */
    int store(SimCommand command, SimNamespace namespace, long slba, int count) {
        Settings settings = namespace.settings();
        Blocks blocks = Blocks.empty(slba, count, settings);
        int status = fetch(command, settings, blocks);
        if (status == 0 && settings.protection() != 0) {
            Protection protection = Protection.of(command.sqe);
            if (protection.isMade()) {
                protection.make(blocks, settings);
            } else {
                status = protection.verify(blocks, settings);
            }
        }
        if (status == 0) {
            namespace.write(slba, blocks.data(), blocks.metadata());
            state.counters.writes++;
            state.counters.writtenBlocks += (long) count * settings.format().dataBytes() / 512;
        }
        return status;
    }

    private int compare(SimCommand command, SimNamespace namespace, long slba, int count) {
        Blocks there = verified(namespace, slba, count, Protection.of(command.sqe));
        if (there == null) {
            return verifyStatus;
        }
        Blocks given = Blocks.empty(slba, count, namespace.settings());
        int status = fetch(command, namespace.settings(), given);
        if (status != 0) {
            return status;
        }
        boolean same = Arrays.equals(there.data(), given.data())
            && (Blocks.isStripped(command, namespace.settings()) || Arrays.equals(there.metadata(), given.metadata()));
        return same ? 0 : NvmeStatus.COMPARE_FAILURE;
    }

    private int zero(SimCommand command, SimNamespace namespace, long slba, int count) {
        int status = namespace.zones() == null ? 0 : namespace.zones().write(slba, count);
        if (status != 0) {
            return status;
        }
        Protection protection = Protection.of(command.sqe);
        if (namespace.settings().protection() != 0 && protection.isMade()) {
            Blocks blocks = Blocks.empty(slba, count, namespace.settings());
            protection.make(blocks, namespace.settings());
            namespace.write(slba, blocks.data(), blocks.metadata());
        } else {
            namespace.deallocate(slba, count);
        }
        return 0;
    }

    private int uncorrectable(SimNamespace namespace, long slba, int count) {
        int status = namespace.zones() == null ? 0 : namespace.zones().write(slba, count);
        if (status == 0) {
            namespace.makeUncorrectable(slba, count);
        }
        return status;
    }
}
