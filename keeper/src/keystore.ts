/** The keeper's key: an encrypted keystore (Web3 Secret Storage, as ethers, geth and others write it) and its password. */
import { readFileSync } from "node:fs";
import { Wallet } from "ethers";
import { ConfigError } from "./config.ts";

export const PASSWORD_VARIABLE = "MENISCUS_KEEPER_PASSWORD";

/** Opens the keystore. The password comes from `passwordFile`, else from {@link PASSWORD_VARIABLE}: never from the command line, which others can read. */
export async function openKeystore(file: string, passwordFile?: string): Promise<Wallet> {
  const password = passwordFile === undefined ? process.env[PASSWORD_VARIABLE] : read(passwordFile).trimEnd();
  if (password === undefined)
    throw new ConfigError(`Set ${PASSWORD_VARIABLE}, or name a file with --password-file.`);
  const text = read(file);
  try {
    const opened = await Wallet.fromEncryptedJson(text, password);
    return new Wallet(opened.privateKey);
  } catch (error) {
    const why = /password/.test(String(error)) ? "the password is wrong" : "it is no keystore";
    throw new ConfigError(`${file} cannot be opened: ${why}.`);
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigError(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
}
