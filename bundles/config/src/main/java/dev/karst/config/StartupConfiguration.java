package dev.karst.config;

import dev.karst.rpc.RpcRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * Plays the configuration file once in the life of a framework. When this bundle or the registry is replaced, what the
 * file made is still there, so it is not played again; a property of the process keeps that in mind.
 */
@Component(immediate = true, service = {}, configurationPid = "dev.karst.config")
@Designate(ocd = StartupConfiguration.Settings.class)
public final class StartupConfiguration {
    private static final System.Logger LOG = System.getLogger(StartupConfiguration.class.getName());
    private static final String PLAYED_BY = "karst.startup.played.by";
    private static final long STOP_MS = 2000;

    private final StartupState state;
    private final StartupPlayer player;
    private final CompletableFuture<Void> play;

    /** Settings of the startup. */
    @ObjectClassDefinition(name = "Karst configuration")
    public @interface Settings {
        /** The file. */
        @AttributeDefinition(description = "The file that is played at start; a relative path starts at karaf.etc")
        String file() default "karst.json";

        /** How long absent methods are waited for. */
        @AttributeDefinition(description = "Seconds to wait, in all, for methods that are not there yet")
        int wait_seconds() default 20;
    }

    @Activate
    public StartupConfiguration(
        @Reference RpcRegistry registry, @Reference StartupState state, BundleContext context, Settings settings) {
        this.state = state;
        this.player = new StartupPlayer(registry, state, TimeUnit.SECONDS.toNanos(settings.wait_seconds()));
        Path file = Path.of(System.getProperty("karaf.etc", "")).resolve(settings.file());
        String framework = context.getProperty(Constants.FRAMEWORK_UUID);
        this.play = CompletableFuture.runAsync(
            () -> play(file, framework), task -> Thread.ofVirtual().name("karst-startup").start(task));
    }

    /** The file is for the start; a change of it or of its name is for the next one. */
    @Modified
    void modified() {
        LOG.log(System.Logger.Level.INFO, "configuration: the settings take effect at the next start");
    }

    /** Ends the play after the call that it is at. */
    @Deactivate
    void stop() throws Exception {
        player.stop();
        try {
            play.get(STOP_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.log(System.Logger.Level.WARNING, "configuration: stopped within a call");
        }
    }

    private void play(Path file, String framework) {
        if (framework.equals(System.getProperty(PLAYED_BY))) {
            state.end(null);
        } else if (play(file)) {
            System.setProperty(PLAYED_BY, framework);
        }
    }

    /** Returns whether the start is over, well or not. */
    private boolean play(Path file) {
        try {
            List<StartupFile.Call> calls = Files.exists(file) ? StartupFile.read(file) : List.of();
            if (!player.play(calls)) {
                return false;
            }
            String counts = state.calls() + " calls, " + state.failedCalls() + " failed";
            LOG.log(System.Logger.Level.INFO, "configuration: " + counts);
            state.end(null);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.ERROR, "configuration: nothing was played: " + e.getMessage());
            state.end(e.getMessage());
        }
        return true;
    }
}
