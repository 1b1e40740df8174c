/** A key at rest: an encrypted keystore (Web3 Secret Storage, as ethers, geth and cast write it) and where its password comes from. */
import { readFileSync } from "node:fs";
import { Wallet } from "ethers";
import { systemReason } from "./systemReason.ts";

/** A keystore that cannot be opened. The message is one line for people. */
export class KeystoreError extends Error {
  override readonly name = "KeystoreError";
}

export interface KeystorePassword {
  /** Its password, but for white space at the end. */
  readonly file?: string | undefined;
  /** The environment variable that is asked without a file. */
  readonly variable: string;
}

/** The password, from the file or the variable. @throws KeystoreError */
export function readKeystorePassword({ file, variable }: KeystorePassword): string {
  const password = file === undefined ? process.env[variable] : read(file).trimEnd();
  if (password === undefined)
    throw new KeystoreError(`There is no password: set ${variable}, or name a file with --password-file.`);
  return password;
}

/** Opens a keystore. Its password never comes from the command line, which others can read. */
export async function openKeystore(file: string, from: KeystorePassword): Promise<Wallet> {
  const password = readKeystorePassword(from);
  const text = read(file);
  try {
    const { privateKey } = await Wallet.fromEncryptedJson(text, password);
    return new Wallet(privateKey);
  } catch (error) {
    const why = /password/.test(String(error)) ? "the password is wrong" : "it is no keystore";
    throw new KeystoreError(`${file} cannot be opened: ${why}.`);
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new KeystoreError(`${file} cannot be read: ${systemReason(error)}.`);
  }
}
