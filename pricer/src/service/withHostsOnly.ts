/** With nothing of a URL but its host: the rest may hold a node's key or a database's password. */
export const withHostsOnly = (text: string): string =>
  text.replace(/\b(?:https?|wss?|postgres(?:ql)?):\/\/[^\s"'`]+/g, (url) =>
    URL.canParse(url) ? new URL(url).host : "a URL",
  );
