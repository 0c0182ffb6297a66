package dev.karst.config;

import dev.karst.base.DataFolder;
import dev.karst.base.StorageException;
import dev.karst.config.state.KeptState;
import dev.karst.config.state.StateFolder;
import dev.karst.env.Environment;
import dev.karst.rpc.ChangeJournal;
import dev.karst.rpc.RpcRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * Plays the saved state, or the configuration file, once in the life of a framework, and then offers the journal that keeps
 * changes. When this bundle or the registry is replaced, what was played is still there, so it is not played again; a property of
 * the process keeps that in mind.
 */
@Component(immediate = true, service = {}, configurationPid = "dev.karst.config")
@Designate(ocd = StartupConfiguration.Settings.class)
public final class StartupConfiguration {
    private static final System.Logger LOG = System.getLogger(StartupConfiguration.class.getName());
    /** For the next of this bundle in this process: which framework's start was played, and which layers were there when this one went. */
    private static final String PLAYED_BY = "karst.startup.played.by";
    private static final String LAYERS = "karst.startup.layers";
    private static final String FOLDER = "state";
    private static final long STOP_MS = 2000;

    private final Environment environment;
    private final BundleContext context;
    private final Path folder;
    private final Path file;
    private final Startup startup;
    private final CompletableFuture<Void> play;
    private ChangeJournal journal;
    private ServiceRegistration<ChangeJournal> offer;
    private boolean stopped;

    /** Settings of the startup. */
    @ObjectClassDefinition(name = "Karst configuration")
    public @interface Settings {
        /** The file. */
        @AttributeDefinition(description = "The file that is played at a start without a saved state; a relative path starts at "
            + "karaf.etc")
        String file() default "karst.json";

        /** How long absent methods are waited for. */
        @AttributeDefinition(description = "Seconds to wait at most, in all, for methods that are absent while bundles start")
        int wait_seconds() default 20;
    }

    @Activate
    public StartupConfiguration(
        @Reference RpcRegistry registry, @Reference StartupState state, @Reference Environment environment,
        BundleContext context, Settings settings) {
        this.environment = environment;
        this.context = context;
        this.folder = DataFolder.resolve(FOLDER);
        this.file = Path.of(System.getProperty("karaf.etc", "")).resolve(settings.file());
        this.startup = new Startup(registry, state, new StateFolder(environment.files(), folder), KeptState.Limits.USUAL,
            TimeUnit.SECONDS.toNanos(settings.wait_seconds()), new FrameworkPhase(context));
        this.play = CompletableFuture.runAsync(this::play, task -> Thread.ofVirtual().name("karst-startup").start(task));
    }

    /** The file is for the start; a change of it or of its name is for the next one. */
    @Modified
    void modified() {
        LOG.log(System.Logger.Level.INFO, "configuration: the settings take effect at the next start");
    }

    /** Ends the play after the call that it is at; makes durable what was changed and not answered yet. */
    @Deactivate
    void stop() throws Exception {
        System.setProperty(LAYERS, startup.stop());
        try {
            play.get(STOP_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.log(System.Logger.Level.WARNING, "configuration: stopped within a call");
        }
        withdraw();
    }

    private void play() {
        ChangeJournal kept = keep(context.getProperty(Constants.FRAMEWORK_UUID));
        if (kept != null) {
            offer(kept);
        }
    }

    private ChangeJournal keep(String framework) {
        try {
            makeFolder();
        } catch (IOException | StorageException e) {
            return startup.refuse(e);
        }
        ChangeJournal kept = framework.equals(System.getProperty(PLAYED_BY))
            ? startup.resume(System.getProperty(LAYERS, "")) : startup.play(file);
        if (kept != null) {
            System.setProperty(PLAYED_BY, framework);
        }
        return kept;
    }

    /** Only the owner looks into it. */
    private void makeFolder() throws IOException, StorageException {
        if (!Files.exists(folder)) {
            Files.createDirectory(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            environment.files().syncFolder(folder.getParent());
        }
    }

    private synchronized void offer(ChangeJournal kept) {
        if (!stopped) {
            journal = kept;
            offer = context.registerService(ChangeJournal.class, kept, null);
        }
    }

    private synchronized void withdraw() {
        stopped = true;
        if (offer != null) {
            offer.unregister();
        }
        if (journal instanceof KeptState kept) {
            kept.close();
        }
    }
}
