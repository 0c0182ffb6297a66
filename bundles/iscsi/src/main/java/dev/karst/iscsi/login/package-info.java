/**
 * The login: how an initiator says who it is and what it wants, and what comes of it. Nothing here knows of sockets or reactors; an
 * {@link dev.karst.iscsi.login.Login} takes requests and gives {@linkplain dev.karst.iscsi.login.Step steps}. RFC 7143, 6, 12 and 13.
 */
package dev.karst.iscsi.login;
