package dev.karst.nvme.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.nvme.AdminCommand;
import dev.karst.nvme.Command;
import dev.karst.nvme.ControllerData;
import dev.karst.nvme.NvmeException;
import dev.karst.nvme.core.identify.ControllerReader;
import dev.karst.nvme.core.link.HostIdentity;
import dev.karst.nvme.core.link.Link;
import dev.karst.nvme.core.link.Waits;
import dev.karst.nvme.transport.TransportQueue;
import dev.karst.spec.nvme.FeaturesCommand;
import dev.karst.spec.nvme.HostBehaviorSupport;
import dev.karst.spec.nvme.IdentifyCommand;
import dev.karst.spec.nvme.IdentifyController;
import dev.karst.spec.nvme.Property;
import dev.karst.spec.nvme.Sqe;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** How a controller that is stopped comes to take commands. NVMe Base 2.1, 3.5.1. Control tasks. */
final class BringUp {
    private static final Logger LOG = System.getLogger(BringUp.class.getName());

    private static final int PAGE = 4096;
    private static final int LEAST_ENABLE_MS = 2_000;
    private static final int MOST_ASYNC_EVENTS = 4;
    private static final int SQES_64 = 6;
    private static final int CQES_16 = 4;
    private static final int CSS_ADMIN = 0b111;
    private static final int SHUTDOWN_NORMAL = 1;
    private static final int LEAST_QUEUES = 16;
    private static final int SMART_EVENTS = 0xff;
    private static final int DOORBELL_BUFFERS = 1 << 8;
    private static final int EXTENDED_FORMATS = 1 << 15;
    private static final int EXTENDED_HOST_ID = 1;
    private static final int SIXTEENS = 16;

    private final AttachedController controller;
    private final Link link;
    private final Waits waits;
    private final HostIdentity host;
    private final int queuesWanted;
    private long cap;
    private int inCapsuleBytes;
    private int asyncEvents;
    /** CTRATT. */
    private int attributes;
    /** OAES. */
    private int events;
    private boolean discovery;

    BringUp(AttachedController controller, Link link, Waits waits, HostIdentity host, int reactors) {
        this.controller = controller;
        this.link = link;
        this.waits = waits;
        this.host = host;
        this.queuesWanted = Math.max(LEAST_QUEUES, 2 * reactors);
    }

    /** Whether it is a discovery controller: without I/O queues and namespaces. */
    boolean isDiscovery() {
        return discovery;
    }

    /** How much data of a command goes in its capsule. */
    int inCapsuleBytes() {
        return inCapsuleBytes;
    }

    /** How many asynchronous event requests it is given. */
    int asyncEvents() {
        return asyncEvents;
    }

    /**
     * Enables the controller, whose admin queue is connected, and reads what it is.
     *
     * @param admin its admin queue
     */
    ControllerData enable(TransportQueue admin) throws StorageException {
        cap = link.readProperty(Property.CAP, 8);
        check(cap);
        boolean all = Property.has(cap, Property.CAP_CSS_ALL);
        boolean none = Property.has(cap, Property.CAP_CSS_ADMIN) && !Property.has(cap, Property.CAP_CSS_NVM);
        int css = all ? Property.CC_CSS_ALL : none ? CSS_ADMIN : 0;
        link.writeProperty(
            Property.CC, 4,
            css << Property.CC_CSS_SHIFT | SQES_64 << Property.CC_IOSQES_SHIFT | CQES_16 << Property.CC_IOCQES_SHIFT | Property.CC_EN);
        waits.until(this::isReady, Math.max(LEAST_ENABLE_MS, Property.timeoutMs(cap)), "enabling the controller");
        int version = (int) link.readProperty(Property.VS, 4);
        var properties = new ControllerReader.Properties(cap, version);
        int entries = Math.min(controller.options().queueEntries(), Property.entries(cap));
        ControllerData told = controller.call(AdminCommand.identify(0, IdentifyCommand.CNS_CONTROLLER), (result, address) -> {
            discovery = IdentifyController.CNTRLTYPE.get(address) == IdentifyController.CNTRLTYPE_DISCOVERY;
            asyncEvents = Math.min(MOST_ASYNC_EVENTS, IdentifyController.AERL.get(address) + 1);
            inCapsuleBytes = Math.max(0, (int) IdentifyController.IOCCSZ.get(address) * SIXTEENS - Sqe.BYTES);
            attributes = (int) IdentifyController.CTRATT.get(address);
            events = (int) IdentifyController.OAES.get(address);
            return ControllerReader.read(address, properties, entries, link);
        });
        ControllerData data = told.granting(discovery ? 0 : queuePairs());
        setFeatures();
        if ((data.limits().adminCommands() & DOORBELL_BUFFERS) != 0) {
            link.shadowDoorbells(admin, data.limits().queuePairs());
        }
        return data;
    }

    private static void check(long cap) throws StorageException {
        if (Property.entries(cap) < 2) {
            throw StorageException.errno(Errno.EPROTO, "the controller has queues of one entry (CAP.MQES 0), which hold nothing");
        }
        if (Property.smallestPage(cap) > PAGE) {
            throw StorageException.errno(Errno.EOPNOTSUPP,
                "the controller takes memory pages of " + Property.smallestPage(cap) + " bytes and more, not of " + PAGE);
        }
    }

    private boolean isReady() throws StorageException {
        long csts = link.readProperty(Property.CSTS, 4);
        if ((csts & Property.CSTS_CFS) != 0) {
            throw StorageException.errno(Errno.EIO, "the controller reports a fatal error while it is enabled (CSTS.CFS)");
        }
        return (csts & Property.CSTS_RDY) != 0;
    }

    private int queuePairs() throws StorageException {
        int wanted = queuesWanted - 1;
        return controller.call(feature(FeaturesCommand.FID_NUMBER_OF_QUEUES, wanted << 16 | wanted), (result, address) ->
            1 + Math.min(wanted, Math.min((int) result & 0xffff, (int) result >>> 16)));
    }

    /** What may be refused, and is then done without. */
    private void setFeatures() throws StorageException {
        tried(feature(FeaturesCommand.FID_ASYNC_EVENT_CONFIGURATION, (discovery ? 0 : SMART_EVENTS) | events & ~SMART_EVENTS));
        if (discovery || link.isFabrics()) {
            return;
        }
        if ((attributes & EXTENDED_HOST_ID) != 0) {
            tried(feature(FeaturesCommand.FID_HOST_IDENTIFIER, EXTENDED_HOST_ID).sending(host.id()));
        }
        if ((attributes & EXTENDED_FORMATS) != 0) {
            byte[] behavior = new byte[HostBehaviorSupport.BYTES];
            behavior[HostBehaviorSupport.LBAFEE.offset()] = 1;
            tried(feature(FeaturesCommand.FID_HOST_BEHAVIOR_SUPPORT, 0).sending(behavior));
        }
    }

    private static Command feature(int fid, int value) {
        return AdminCommand.setFeature(0, fid, value, false);
    }

    private void tried(Command command) throws StorageException {
        try {
            controller.call(command, (result, address) -> null);
        } catch (NvmeException e) {
            LOG.log(Level.DEBUG, "{0}, feature {1}: {2}", controller.id(), command.dwords().cdw10(), e.getMessage());
        }
    }

    /** Tells a controller that takes commands that it will be stopped, and waits until it is ready for that. */
    void shutDown(long timeoutMs) {
        try {
            long cc = link.readProperty(Property.CC, 4);
            link.writeProperty(Property.CC, 4, cc & ~(3L << Property.CC_SHN_SHIFT) | SHUTDOWN_NORMAL << Property.CC_SHN_SHIFT);
            waits.until(
                () -> (link.readProperty(Property.CSTS, 4) & Property.CSTS_SHST) == Property.CSTS_SHST_COMPLETE, timeoutMs,
                "the shutdown of the controller");
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "{0} was not shut down in good order: {1}", controller.id(), e.getMessage());
        }
    }
}
