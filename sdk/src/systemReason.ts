/** Why the system would not do what it was asked to, in words: files, folders and ports. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  ENOTDIR: "its path leads through a file",
  EISDIR: "it is a folder",
  EACCES: "its permissions do not allow it",
  EPERM: "it is not permitted",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  EEXIST: "it exists already",
  EADDRINUSE: "another process listens there",
  EADDRNOTAVAIL: "this machine has no such address",
};

/** The code itself, where nobody has put it into words. */
export function systemReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ""] ?? code ?? message;
}
