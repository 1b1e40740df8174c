/** `meniscus simulate`: the real contracts through recorded surfaces and prices, in several variants. */
import { CUT_OFF_SECONDS, SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import { Command, Option } from "commander";
import { buildContracts } from "../../hardhat/localChain.ts";
import { simulationPage } from "../../page/simulationPage.ts";
import { calendarDay, notEmpty, wholeNumber } from "../../terminal/options.ts";
import {
  assertOutputs,
  type JsonPlace,
  jsonOption,
  tellPage,
  writeJson,
  writeOutput,
} from "../../terminal/output.ts";
import { step } from "../../terminal/progress.ts";
import { readInput } from "./input.ts";
import { simulate } from "./simulate.ts";
import { printSimulation } from "./tables.ts";
import { VARIANTS } from "./variants.ts";

interface SimulateOptions {
  chains: string;
  spot: string;
  currency: string;
  from: number;
  days: number;
  stepHours: string;
  seed: number;
  variants?: string[];
  json?: JsonPlace;
  plot?: string;
}

/** The crash of February 2026 in its middle. */
const FROM = "2026-02-01";
const STEP_HOURS = ["2", "3", "4", "6", "8", "12", "24"];

export function simulateCommand(): Command {
  return new Command("simulate")
    .description(
      "Play the contracts through recorded surfaces and prices: what providers make of it, hedged or not, with fresh " +
        "or stale surfaces, with and without impact, with two-sided or one-way flow.",
    )
    .requiredOption("--chains <folder>", "the folder of recorded chains (*.csv, *.csv.gz)", notEmpty)
    .requiredOption("--spot <file>", "bars of spot, CSV or gzip: timestamp_ms, open, high, low", notEmpty)
    .option("--currency <code>", "the base asset", (code) => notEmpty(code).toUpperCase(), "ETH")
    .addOption(
      new Option("--from <date>", "the first day, YYYY-MM-DD; it begins at 09:00 UTC")
        .argParser(cutOffOn)
        .default(cutOffOn(FROM), FROM),
    )
    .addOption(new Option("--days <number>", "how many days").argParser(wholeNumber(1, 60)).default(9))
    .addOption(
      new Option("--step-hours <number>", "from one step to the next").choices(STEP_HOURS).default("4"),
    )
    .addOption(new Option("--seed <number>", "of the flow").argParser(wholeNumber(0, 10_000)).default(1))
    .addOption(new Option("--variants <names...>", "only these").choices(VARIANTS.map(({ name }) => name)))
    .addOption(jsonOption("the figures"))
    .option("--plot <file>", "write the pictures: value, attribution, exposure", notEmpty)
    .action(run);
}

const cutOffOn = (text: string): number => calendarDay(text) + CUT_OFF_SECONDS;

async function run({
  chains,
  spot,
  currency,
  from,
  days,
  stepHours,
  seed,
  variants,
  json,
  plot,
}: SimulateOptions) {
  await assertOutputs(json, ...(plot === undefined ? [] : [plot]));
  const window = { from, to: from + days * SECONDS_PER_DAY };
  const input = await step("Reading and fitting the chains", () => readInput(chains, spot, currency, window));
  const played = VARIANTS.filter(({ name }) => variants === undefined || variants.includes(name));
  const hardhat = await buildContracts();
  const simulation = await simulate(hardhat, { input, stepHours: Number(stepHours), seed }, played);
  if (plot !== undefined) await writeOutput(plot, await simulationPage(simulation));
  await writeJson(json, simulation);
  if (json !== true) printSimulation(simulation);
  tellPage(plot, json);
}
