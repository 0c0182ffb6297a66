package dev.karst.iscsi;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The configuration {@code dev.karst.iscsi}; takes effect for portals that are added, and logins that begin, from then on. */
@ObjectClassDefinition(name = "Karst iSCSI target", description = "Who may reach the iSCSI target")
public @interface IscsiSettings {
    /** Whether portals may be added that other machines can reach. iSCSI encrypts nothing. */
    @AttributeDefinition(name = "Allow remote")
    boolean allow_remote() default false;

    /** Whether CHAP may use MD5, for initiators that know nothing else. */
    @AttributeDefinition(name = "Allow MD5")
    boolean allow_legacy_md5() default false;
}
