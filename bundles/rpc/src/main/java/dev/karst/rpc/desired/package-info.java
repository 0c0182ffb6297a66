/**
 * Desired state: what has to be called so that the running stack becomes what somebody declared. Both are lists of calls,
 * as the layers save them; what a call makes, and how that is changed or taken away, each method says of itself ({@link
 * dev.karst.rpc.Effect}), so nothing here knows a layer.
 */
package dev.karst.rpc.desired;
