/** The key that a verb signs with: an encrypted keystore, and where its password comes from. */
import { openKeystore } from "@meniscus/sdk/keystore";
import { type Command, Option } from "commander";
import type { Wallet } from "ethers";
import { notEmpty } from "../terminal/options.ts";

export interface KeystoreOptions {
  keystore: string;
  passwordFile?: string | undefined;
}

/** Where a keystore's password comes from; `variable` is the environment's, asked without a file. */
export const passwordOption = (variable: string): Option =>
  new Option("--password-file <file>", `its password; else ${variable}`).argParser(notEmpty);

/** Adds the options to a command; `description` says whose key it is. */
export const withKeystoreOptions = (
  command: Command,
  variable: string,
  description: string,
  { isRequired }: { isRequired: boolean },
): Command =>
  command
    .addOption(
      new Option("--keystore <file>", description).argParser(notEmpty).makeOptionMandatory(isRequired),
    )
    .addOption(passwordOption(variable));

/** Opens the keystore that the options name. @throws KeystoreError */
export const openWallet = ({ keystore, passwordFile }: KeystoreOptions, variable: string): Promise<Wallet> =>
  openKeystore(keystore, { file: passwordFile, variable });
