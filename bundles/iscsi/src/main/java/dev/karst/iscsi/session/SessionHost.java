package dev.karst.iscsi.session;

import dev.karst.env.Environment;
import dev.karst.iscsi.login.LoginHost;
import dev.karst.iscsi.model.Catalogue;
import dev.karst.reactor.Reactors;
import java.net.InetAddress;

/** What sessions ask of the target. Any thread. */
public interface SessionHost {
    Environment environment();

    Reactors reactors();

    /** All that there is now. */
    Catalogue catalogue();

    /** What a login that begins now goes by. */
    LoginHost loginHost(int portalGroup, InetAddress peer);

    /** All sessions. */
    Sessions sessions();
}
