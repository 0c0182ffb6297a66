package dev.karst.nvme.testkit.admin;

import dev.karst.nvme.testkit.command.Page;
import dev.karst.nvme.testkit.command.SimCommand;
import dev.karst.nvme.testkit.controller.AsyncEvents;
import dev.karst.nvme.testkit.controller.ControllerState;
import dev.karst.nvme.testkit.media.Firmware;
import dev.karst.nvme.testkit.media.SimNamespace;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Firmware, sanitize, self-test, security and directives. What takes time goes on a step each time that its log page is read.
 * NVMe Base 2.1, 5.1.8, 5.1.9, 5.1.22, 5.1.5, 5.1.23, 5.1.24, 5.1.6 and 5.1.7.
 */
final class Maintenance {
    private static final int INVALID_FIELD = NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
    private static final int STEPS = 2;
    private static final int SANITIZE_LOG_BYTES = 512;
    private static final int SANITIZE_LOG = 0x81;
    private static final int SANITIZE_DONE = 1;
    private static final int SANITIZE_RUNNING = 2;
    private static final int SELF_TEST_LOG_BYTES = 564;
    private static final int SELF_TEST_RESULT = 4;
    private static final int SELF_TEST_ABORT = 15;
    private static final int UNUSED_RESULT = 0xf;
    private static final int VENDOR_PROTOCOL = 0xf0;
    private static final Set<Integer> FORBIDDEN = Set.of(
        Opcode.ADMIN_FORMAT_NVM, Opcode.ADMIN_FIRMWARE_COMMIT, Opcode.ADMIN_NAMESPACE_MANAGEMENT,
            Opcode.ADMIN_NAMESPACE_ATTACHMENT,
        Opcode.ADMIN_SANITIZE, Opcode.ADMIN_DEVICE_SELF_TEST);

    private final ControllerState state;
    private final Map<Integer, byte[]> secrets = new HashMap<>();
    private boolean sanitized;
    private int selfTest;
    private int selfTestLeft;
    private int lastSelfTest;
    private int lastSelfTestResult = UNUSED_RESULT;
    private boolean streams;

    Maintenance(ControllerState state) {
        this.state = state;
    }

    /** Whether a sanitize operation stands in the way of an admin command. */
    boolean isForbidden(int opcode) {
        return state.subsystem.sanitizeLeft > 0 && FORBIDDEN.contains(opcode);
    }

    void reset() {
        state.subsystem.firmware().reset();
        endSelfTest(2);
        streams = false;
    }

    int execute(SimCommand command) {
        return switch (command.opcode()) {
            case Opcode.ADMIN_FIRMWARE_DOWNLOAD -> download(command);
            case Opcode.ADMIN_FIRMWARE_COMMIT -> commit(command);
            case Opcode.ADMIN_SANITIZE -> sanitize(command);
            case Opcode.ADMIN_DEVICE_SELF_TEST -> selfTest(command);
            case Opcode.ADMIN_SECURITY_SEND, Opcode.ADMIN_SECURITY_RECEIVE -> security(command);
            case Opcode.ADMIN_DIRECTIVE_SEND -> directiveSend(command);
            default -> directiveReceive(command);
        };
    }

    private int download(SimCommand command) {
        long bytes = (Integer.toUnsignedLong(command.cdw10()) + 1) * 4;
        long offset = Integer.toUnsignedLong(command.cdw11()) * 4;
        if (bytes + offset > 1 << 20) {
            return INVALID_FIELD;
        }
        byte[] part = new byte[(int) bytes];
        int status = state.data.fromHost(command, part);
        if (status != 0) {
            return status;
        }
        return state.subsystem.firmware().download((int) offset, part) ? 0 : NvmeStatus.OVERLAPPING_RANGE | NvmeStatus.DNR;
    }

    private int commit(SimCommand command) {
        Firmware firmware = state.subsystem.firmware();
        int slot = command.cdw10() & 7;
        int action = command.cdw10() >>> 3 & 7;
        boolean stores = action < 2;
        if (slot > Firmware.SLOTS || slot == 1 && stores) {
            return NvmeStatus.INVALID_FIRMWARE_SLOT | NvmeStatus.DNR;
        }
        int chosen = slot == 0 ? 2 : slot;
        if (action > 3 || stores && !firmware.store(chosen) || firmware.revision(chosen) == null) {
            return (action > 3 ? NvmeStatus.INVALID_FIELD_IN_COMMAND : NvmeStatus.INVALID_FIRMWARE_IMAGE) | NvmeStatus.DNR;
        }
        if (action == 3) {
            firmware.activate(chosen);
            state.events.happened(AsyncEvents.NOTICE, AsyncEvents.FIRMWARE_ACTIVATION, 3);
        } else if (action != 0) {
            firmware.activateLater(chosen);
        }
        return 0;
    }

    private int sanitize(SimCommand command) {
        int action = command.cdw10() & 7;
        if (action == 0 || action > 4) {
            return INVALID_FIELD;
        }
        if (action == 1) {
            return 0;
        }
        for (SimNamespace namespace : state.subsystem.namespaces()) {
            namespace.format(namespace.settings());
        }
        state.subsystem.sanitizeLeft = STEPS;
        sanitized = true;
        return 0;
    }

    byte[] sanitizeLog() {
        boolean runs = state.subsystem.sanitizeLeft > 0;
        if (runs && --state.subsystem.sanitizeLeft == 0) {
            runs = false;
            state.events.happened(AsyncEvents.IO, 1, SANITIZE_LOG);
        }
        ByteBuffer log = Page.buffer(SANITIZE_LOG_BYTES);
        log.putShort(0, (short) (runs ? 0xffff / STEPS * (STEPS - state.subsystem.sanitizeLeft) : 0xffff));
        log.putShort(2, (short) (runs ? SANITIZE_RUNNING : sanitized ? SANITIZE_DONE : 0));
        return log.array();
    }

    private int selfTest(SimCommand command) {
        int code = command.cdw10() & 0xf;
        if (code == SELF_TEST_ABORT) {
            endSelfTest(1);
            return 0;
        }
        if (code != 1 && code != 2) {
            return INVALID_FIELD;
        }
        if (selfTest != 0) {
            return NvmeStatus.SELF_TEST_IN_PROGRESS | NvmeStatus.DNR;
        }
        selfTest = code;
        selfTestLeft = STEPS;
        return 0;
    }

    private void endSelfTest(int result) {
        if (selfTest != 0) {
            lastSelfTest = selfTest;
            lastSelfTestResult = result;
            selfTest = 0;
        }
    }

    byte[] selfTestLog() {
        if (selfTest != 0 && --selfTestLeft == 0) {
            endSelfTest(0);
        }
        ByteBuffer log = Page.buffer(SELF_TEST_LOG_BYTES);
        log.put(0, (byte) selfTest);
        log.put(1, (byte) (selfTest == 0 ? 0 : 100 / STEPS * (STEPS - selfTestLeft)));
        for (int at = SELF_TEST_RESULT; at < SELF_TEST_LOG_BYTES; at += 28) {
            log.put(at, (byte) UNUSED_RESULT);
        }
        log.put(SELF_TEST_RESULT, (byte) (lastSelfTestResult | lastSelfTest << 4));
        return log.array();
    }

    /** Protocol 0 lists protocols; a vendor's keeps what it is sent, and gives it back. */
    private int security(SimCommand command) {
        int protocol = command.cdw10() >>> 24;
        int specific = command.cdw10() >>> 8 & 0xffff;
        int bytes = command.cdw11();
        boolean sends = command.opcode() == Opcode.ADMIN_SECURITY_SEND;
        if (bytes < 0 || bytes > 1 << 20 || protocol != VENDOR_PROTOCOL && (protocol != 0 || sends)) {
            return INVALID_FIELD;
        }
        if (protocol == 0) {
            byte[] list = {0, 0, 0, 0, 0, 0, 0, 2, 0, (byte) VENDOR_PROTOCOL};
            return state.data.toHost(command, Arrays.copyOf(list, bytes));
        }
        if (!sends) {
            return state.data.toHost(command, Arrays.copyOf(secrets.getOrDefault(specific, new byte[0]), bytes));
        }
        byte[] secret = new byte[bytes];
        int status = state.data.fromHost(command, secret);
        if (status == 0) {
            secrets.put(specific, secret);
        }
        return status;
    }

    private int directiveSend(SimCommand command) {
        int operation = command.cdw11() & 0xff;
        int type = command.cdw11() >>> 8 & 0xff;
        if (type == 0 && operation == 1) {
            int dword = Sqe.CDW12.getInt(command.sqe);
            if ((dword >>> 8 & 0xff) != 1) {
                return INVALID_FIELD;
            }
            streams = (dword & 1) != 0;
            return 0;
        }
        return type == 1 && streams && (operation == 1 || operation == 2) ? 0 : INVALID_FIELD;
    }

    private int directiveReceive(SimCommand command) {
        int operation = command.cdw11() & 0xff;
        int type = command.cdw11() >>> 8 & 0xff;
        long bytes = (Integer.toUnsignedLong(command.cdw10()) + 1) * 4;
        if (operation != 1 || type > 1 || bytes > 1 << 20) {
            return INVALID_FIELD;
        }
        ByteBuffer page = Page.buffer(4096);
        if (type == 0) {
            page.put(0, (byte) 3).put(32, (byte) (streams ? 3 : 1));
        } else {
            page.putShort(0, (short) 16);
        }
        return state.data.toHost(command, Arrays.copyOf(page.array(), (int) bytes));
    }
}
