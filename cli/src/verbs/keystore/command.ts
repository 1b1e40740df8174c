/** `meniscus keystore`: a new key, encrypted, for a signer or for an account that posts, keeps or deploys. */
import { writeFile } from "node:fs/promises";
import { readKeystorePassword } from "@meniscus/sdk/keystore";
import { systemReason } from "@meniscus/sdk/systemReason";
import { Command } from "commander";
import { Wallet } from "ethers";
import { CliError } from "../../cliError.ts";
import { withPlainErrors } from "../../service/service.ts";
import { passwordOption } from "../../service/wallet.ts";
import { notEmpty } from "../../terminal/options.ts";

const PASSWORD_VARIABLE = "MENISCUS_PASSWORD";

export function keystoreCommand(): Command {
  return new Command("keystore")
    .description(
      "Make a new key for sign, price, keep or deploy, and write it encrypted; prints its address. A file that exists is never replaced.",
    )
    .requiredOption("--out <file>", "where to", notEmpty)
    .addOption(passwordOption(PASSWORD_VARIABLE))
    .action((options: { out: string; passwordFile?: string }) => withPlainErrors(() => make(options)));
}

async function make({ out, passwordFile }: { out: string; passwordFile?: string }): Promise<void> {
  const password = readKeystorePassword({ file: passwordFile, variable: PASSWORD_VARIABLE });
  if (password === "") throw new CliError("The password is empty.");
  const wallet = Wallet.createRandom();
  try {
    await writeFile(out, await wallet.encrypt(password), { flag: "wx", mode: 0o600 });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === "EEXIST";
    throw new CliError(
      isThere
        ? `${out} exists: name another file.`
        : `${out} cannot be written: ${systemReason(error)}. Name a file in a folder that takes it.`,
    );
  }
  console.log(wallet.address);
}
