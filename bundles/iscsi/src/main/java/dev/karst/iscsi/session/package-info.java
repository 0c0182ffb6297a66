/**
 * Sessions and their connections: PDUs in, commands to a SCSI device, PDUs out. RFC 7143.
 *
 * <p>A {@link dev.karst.iscsi.session.Group} holds what the connections of one reactor share. A {@link
 * dev.karst.iscsi.session.Connection} joins a {@link dev.karst.iscsi.session.Receiver}, which makes PDUs of bytes, a {@link
 * dev.karst.iscsi.session.TaskTable} and {@link dev.karst.iscsi.session.Answers}. A {@link dev.karst.iscsi.session.Session} belongs to one
 * reactor with all its connections; {@link dev.karst.iscsi.session.Sessions} knows all.
 */
package dev.karst.iscsi.session;
