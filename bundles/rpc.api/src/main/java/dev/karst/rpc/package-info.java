/**
 * The control waist: each layer offers its management verbs as one {@link dev.karst.rpc.RpcMethods} service, under SPDK's
 * names wherever SPDK has the verb, and its state as a {@link dev.karst.rpc.ConfigSource}. JSON-RPC, the shell, the
 * configuration and the tests all go through these, so no front end knows any layer.
 *
 * <p>Values are plain Java: {@code null}, {@link java.lang.Boolean}, {@link java.lang.Long}, {@link java.lang.Double},
 * {@link java.lang.String}, {@link java.util.List} and {@link java.util.Map} with string keys in order.
 */
@Export
@Version("0.1.0")
package dev.karst.rpc;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
