package dev.karst.itests;

import static org.ops4j.pax.exam.CoreOptions.vmOptions;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.configureConsole;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.configureSecurity;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.karafDistributionConfiguration;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.editConfigurationFilePut;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.keepRuntimeFolder;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.logLevel;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.replaceConfigurationFile;

import dev.karst.compat.subject.SubjectBridge;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivilegedActionException;
import java.security.PrivilegedExceptionAction;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.inject.Inject;
import javax.security.auth.Subject;
import org.apache.karaf.features.FeaturesService;
import org.apache.karaf.jaas.boot.principal.RolePrincipal;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.api.console.SessionFactory;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.karaf.options.LogLevelOption.LogLevel;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerSuite;
import org.osgi.framework.BundleContext;

/**
 * Base of the tests that run inside the distribution. All classes share one container, which starts with no storage object: a
 * test makes what it needs and removes it.
 */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerSuite.class)
public abstract class KarstContainer {
    private static final String REPOSITORY = "org.ops4j.pax.url.mvn.localRepository";

    @Inject
    protected BundleContext context;

    @Inject
    protected FeaturesService features;

    @Inject
    private SessionFactory sessions;

    /** The container. Every class gives the same options, or it would get a container of its own. */
    @Configuration
    public static Option[] container() {
        Path root = Path.of(System.getProperty("karst.root"));
        return new Option[] {
            karafDistributionConfiguration()
                .frameworkUrl(Path.of(System.getProperty("karst.distribution")).toUri().toString())
                .karafVersion(System.getProperty("karaf.version"))
                .name("karst")
                .unpackDirectory(new File("target/exam"))
                .useDeployFolder(false),
            configureSecurity().disableKarafMBeanServerBuilder(),
            configureConsole().ignoreLocalConsole().ignoreRemoteShell(),
            replaceConfigurationFile("etc/karst.json", root.resolve("itests/src/test/resources/karst.json").toFile()),
            // The distribution looks nowhere but in itself; the probe comes from Maven's repository.
            editConfigurationFilePut("etc/org.ops4j.pax.url.mvn.cfg", REPOSITORY, System.getProperty(REPOSITORY)),
            logLevel(LogLevel.INFO),
            keepRuntimeFolder(),
            vmOptions(flags(root))
        };
    }

    /** Pax Exam starts Java itself, in the distribution's folder: it takes the flags from where the distribution's scripts take them. */
    private static String[] flags(Path root) {
        Path distribution = root.resolve("karaf-distribution/target/assembly");
        try (
            Stream<String> ours = Files.lines(root.resolve("cnf/jvm.options"));
            Stream<String> karafs = Files.lines(distribution.resolve("bin/karaf"));
            DirectoryStream<Path> locators = Files.newDirectoryStream(distribution.resolve("lib/endorsed"), "*.locator-*.jar")) {
            List<String> flags = new ArrayList<>();
            ours.filter(line -> line.startsWith("-")).forEach(flags::add);
            karafs.map(String::strip).filter(line -> line.startsWith("--add-opens")).forEach(line ->
                flags.addAll(List.of(line.replace(" \\", "").split(" "))));
            flags.add("-Xbootclasspath/a:" + distribution.relativize(locators.iterator().next()));
            return flags.toArray(String[]::new);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a shell command with every role, as the remote shell does; gives what it prints. */
    protected String shell(String command) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(out, true);
        Subject subject = new Subject(true, roles(), Set.of(), Set.of());
        try (Session session = sessions.create(InputStream.nullInputStream(), print, print)) {
            session.put(Subject.class.getName(), subject);
            PrivilegedExceptionAction<Object> run = () -> session.execute(command);
            SubjectBridge.doAs(subject, run);
        } catch (PrivilegedActionException e) {
            throw new AssertionError(command + ": " + e.getCause().getMessage(), e);
        }
        return out.toString();
    }

    private static Set<RolePrincipal> roles() {
        return Stream.of("admin", "manager", "viewer", "systembundles").map(RolePrincipal::new).collect(Collectors.toSet());
    }
}
