/**
 * JSON to plain Java values and back: the one place that knows the parser library.
 *
 * <p>The package lives in the {@code rpc} bundle, which exports nothing, and the other fronts embed it (bnd's
 * conditional packages) as every bundle embeds the figures of {@code spec}. An export would tie the fronts' bundles
 * together: whoever replaced the JSON-RPC server would refresh the shell and the configuration too.
 */
package dev.karst.rpc.json;
