/** `meniscus replay`: fits every recorded chain of a folder and keeps the score against the unconstrained fit. */

import { totalsOf } from "@meniscus/pricer/evaluation/replay";
import { counted } from "@meniscus/sdk/counted";
import { Command } from "commander";
import { CliError } from "../../cliError.ts";
import { replayFolder } from "../../market/recordedChains.ts";
import { currencyOption, notEmpty } from "../../terminal/options.ts";
import { assertOutputs, type JsonPlace, jsonOption, writeJson } from "../../terminal/output.ts";
import { printReplay } from "./table.ts";

interface ReplayCommandOptions {
  chains: string;
  currency?: string;
  json?: JsonPlace;
  warm: boolean;
}

export function replayCommand(): Command {
  return new Command("replay")
    .description("Fit every recorded chain of a folder; exit code 1 if a surface is not certified.")
    .requiredOption("--chains <folder>", "the folder of recorded chains (*.csv, *.csv.gz)", notEmpty)
    .addOption(currencyOption())
    .addOption(jsonOption("the totals, and the files that were left out"))
    .option("--warm", "start each fit from the surface before it, as a running pricer does", false)
    .action(score);
}

async function score({ chains, currency, json, warm }: ReplayCommandOptions): Promise<void> {
  await assertOutputs(json);
  const { results, leftOut } = await replayFolder(chains, { currency, warm });
  const totals = totalsOf(results);
  await writeJson(json, { ...totals, leftOut });
  if (json !== true) printReplay(results, totals);
  if (totals.uncertified > 0)
    throw new CliError(`Without a certificate: ${counted(totals.uncertified, "surface")}.`);
}
