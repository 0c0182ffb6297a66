/** What is managed: portals, initiators, secrets, target nodes. All of it is immutable and replaced as a whole, except where a class says otherwise. */
package dev.karst.iscsi.model;
