/** A URL as anybody is told it: by its host, for the rest may hold a node's key or a database's password. */

/** In place of one whose host cannot be told for certain. */
const SOME_URL = "a URL";

/** Stack traces have files' URLs, and these no host. A quote may be part of a password; what comes before the @ is, spaces apart. */
const URLS =
  /(?<![a-z])(?!file:)(?:[a-z][a-z0-9+.-]*:\/\/|(?:https?|wss?|postgres(?:ql)?):[\\/])(?:[^\s/?#]*@)?[^\s"`]*/gi;

/** A text with nothing of its URLs but their hosts. */
export const withHostsOnly = (text: string): string => text.replace(URLS, hostOf);

/** The host with its port. */
export function hostOf(url: string): string {
  if (!URL.canParse(url)) return SOME_URL;
  const { host, pathname, search, hash } = new URL(url);
  // A password with a / ? or # that is not escaped ends the host early, at what may be its own beginning.
  return host === "" || `${pathname}${search}${hash}`.includes("@") ? SOME_URL : host;
}
