/** `meniscus deploy` and `meniscus rehearse`: a market on a public network, and the same on a local one. */
import { styleText } from "node:util";
import { EXPIRY_SECOND_OF_DAY } from "@meniscus/sdk/series";
import Table from "cli-table3";
import { Command, InvalidArgumentError, Option } from "commander";
import { parseEther } from "ethers";
import { keepUp } from "../../localMarket/leftUp/keepUp.ts";
import { withPlainErrors } from "../../service/service.ts";
import { withKeystoreOptions } from "../../service/wallet.ts";
import { calendarDay, notEmpty, wholeNumber } from "../../terminal/options.ts";
import { assertOutputs, type JsonPlace, jsonOption, writeJson } from "../../terminal/output.ts";
import { delayText } from "./accessManager.ts";
import { type DeployOptions, deploy, PASSWORD_VARIABLE, STEPS, type Step } from "./deploy.ts";
import { type Rehearsal, type RehearsalOptions, rehearse } from "./rehearse.ts";

const PARAMETERS = "deploy/parameters/mainnet.json";

export function deployCommand(): Command {
  const command = new Command("deploy")
    .description(
      "Deploy a market to a network, step by step (docs/DEPLOY.md). " +
        "check: the chain against the parameter file · contracts: deploy, compare with the build, write the addresses · " +
        "verify: compare again · list: expiries and strikes · seed: the vault's first assets · " +
        "hand-over: roles to their holders, none left to the deployer · " +
        "roles: who holds them, against the file",
    )
    .argument("<step>", STEPS.join(", "), (text) => {
      if ((STEPS as readonly string[]).includes(text)) return text as Step;
      throw new InvalidArgumentError(`Give one of ${STEPS.join(", ")}.`);
    })
    .requiredOption("--parameters <file>", "the network's parameter file", notEmpty)
    .requiredOption("--rpc <url>", "a node of the network", notEmpty);
  const description = "the deployer's encrypted key; of list and seed the lister's and governor's";
  return withKeystoreOptions(command, PASSWORD_VARIABLE, description, { isRequired: false })
    .option("--addresses <folder>", "where addresses are written", notEmpty, "deploy/addresses")
    .option("--out <folder>", "where an explorer's inputs go", notEmpty, "out/verify")
    .option("--expiry <days...>", "list: days as 2027-01-29; options expire at 08:00 UTC", eachOf(expiryOn))
    .option("--strike <prices...>", "list: strikes at each of them, in quote", eachOf(strikeOf))
    .option("--base <amount>", "seed: of the base asset", notEmpty)
    .option("--quote <amount>", "seed: of the quote asset", notEmpty)
    .action((step: Step, options: DeployOptions) => withPlainErrors(() => deploy(step, options)));
}

/** Collects the values of an option that takes many. */
const eachOf =
  <T>(parse: (text: string) => T) =>
  (text: string, before: T[] = []): T[] => [...before, parse(text)];

const expiryOn = (text: string): number => calendarDay(text) + EXPIRY_SECOND_OF_DAY;

function strikeOf(text: string): bigint {
  if (!/^(?=.*[1-9])\d{1,12}(\.\d{1,9})?$/.test(text))
    throw new InvalidArgumentError(`${text} is no strike: give a price above 0, as 3000.`);
  return parseEther(text);
}

export function rehearseCommand(): Command {
  return new Command("rehearse")
    .description(
      "Rehearse a deployment on a local chain: an empty account, the same modules and checks, a parameter file, to the first trade.",
    )
    .option("--parameters <file>", "the network to rehearse", notEmpty, PARAMETERS)
    .option(
      "--out <folder>",
      "where parameters, addresses and an explorer's inputs go",
      notEmpty,
      "out/rehearsal",
    )
    .addOption(jsonOption("what is printed"))
    .addOption(
      new Option("--port <number>", "the local node's port; 0 takes any free one")
        .argParser(wholeNumber(0, 65_535))
        .default(0),
    )
    .option(
      "--keep",
      "leave the local node up at the end, with the world around the market going on; print its URL",
      false,
    )
    .action(async ({ json, keep, ...options }: RehearsalOptions & { json?: JsonPlace; keep: boolean }) => {
      await assertOutputs(json);
      await rehearse(options, async (rehearsal, hardhat, scene) => {
        await writeJson(json, rehearsal);
        if (json !== true) print(rehearsal, options.out);
        if (keep) await keepUp(hardhat, scene, json === true ? console.error : console.log);
      });
    });
}

function print({ network, deployer, gas, contracts, holders, trade }: Rehearsal, out: string): void {
  console.log(`${styleText("bold", network)} rehearsed from ${deployer}, which had sent nothing before.\n`);
  const table = new Table({
    head: ["step", "transactions", "gas", "dearest"],
    colAligns: ["left", "right", "right", "right"],
    style: { head: [], border: [] },
  });
  const number = (value: number) => value.toLocaleString("en");
  for (const each of gas) table.push([each.step, each.transactions, number(each.gas), number(each.largest)]);
  const sum = (key: "transactions" | "gas") => gas.reduce((total, each) => total + each[key], 0);
  const dearest = Math.max(...gas.map(({ largest }) => largest));
  table.push(["all", sum("transactions"), number(sum("gas")), number(dearest)]);
  console.log(table.toString());
  console.log(
    `\n${contracts} contracts and libraries hold what this build says, immutables by their constructor arguments.`,
  );
  console.log("Roles, and nobody else has one:");
  for (const { role, holder, delay } of holders)
    console.log(`  ${role.padEnd(9)} ${holder} ${delayText(delay)}`);
  console.log("The deployer is refused by every restricted function.");
  console.log(
    `First trade: ${trade.amount} ${trade.symbol} for ${trade.cost.toFixed(2)} of quote, ${number(trade.gas)} gas.`,
  );
  console.log(`Parameters, addresses and an explorer's inputs: ${out}`);
}
