/**
 * The whole of it, from end to end: an option chain is cleaned and fitted, the surface is signed and posted on a local chain, every
 * quote is read back from the contracts, and the days until an expiry are played against them.
 */
import path from "node:path";
import { styleText } from "node:util";
import type { Chain, CleanChain } from "@meniscus/pricer/chain/chain";
import { cleanChain } from "@meniscus/pricer/chain/clean";
import type { Surface } from "@meniscus/pricer/fit/surface";
import { counted } from "@meniscus/sdk/counted";
import { toWad } from "@meniscus/sdk/wad";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { withJournals } from "../../hardhat/deployment.ts";
import {
  assertPortIsFree,
  buildContracts,
  type LocalChain,
  type Say,
  startLocalChain,
} from "../../hardhat/localChain.ts";
import type { Summary } from "../../json/summary.ts";
import { keepUp } from "../../localMarket/leftUp/keepUp.ts";
import { setOracles, spotAnswers } from "../../localMarket/stages/oracleStage.ts";
import { deploySurface, postSurface } from "../../localMarket/surfaceOnChain.ts";
import type { Tokens } from "../../localMarket/tokens.ts";
import { chainLines, fitLine } from "../../market/expirySummary.ts";
import { fitChain } from "../../market/fitChain.ts";
import { type MarketOptions, readMarket } from "../../market/marketSource.ts";
import { pageTitle } from "../../page/smileView.ts";
import { storyPage } from "../../page/storyPage.ts";
import { surfacePage } from "../../page/surfacePage.ts";
import { assertOutputs, type JsonPlace, writeJson, writeOutput } from "../../terminal/output.ts";
import { step } from "../../terminal/progress.ts";
import { addressesOf, type LocalAddresses } from "./addresses.ts";
import { playStory, printResult, printStory, told } from "./story/story.ts";
import { type OptionChain, smileViews } from "./surface/optionChain.ts";
import { readChains, summarise } from "./surface/readChains.ts";
import { answersTable } from "./tables/clearingTable.ts";
import { chainTable, summaryLine } from "./tables/table.ts";
import { openMarket } from "./trading/trading.ts";

export interface StartOptions extends MarketOptions {
  port: number;
  strikes: boolean;
  keep: boolean;
  plot: string;
  story: string;
  addresses: string;
  json?: JsonPlace;
}

/** The local chain starts this long before the snapshot, so that deployment and listing lie before the report. */
const DEPLOYMENT_SECONDS = 3600;

const symbolsOf = ({ base, quote }: Tokens) => ({ base: base.symbol, quote: quote.symbol });
const expiriesOf = (slices: readonly { expiryAt: number }[]) => slices.map(({ expiryAt }) => expiryAt);

export async function start(options: StartOptions): Promise<void> {
  const { port, keep, plot, story, addresses, json } = options;
  const startedAt = new Date();
  await assertPortIsFree(port);
  await assertOutputs(json, plot, story, ...(keep ? [addresses] : []));

  const chain = await readMarket(options);
  if (json !== true) console.log(`Source: ${chain.source}`);
  const clean = cleanChain(chain);
  const surface = await step(`Fitting ${counted(clean.expiries.length, "expiry", "expiries")}`, async () =>
    fitChain(clean),
  );

  const hardhat = await buildContracts();
  const local = await startLocalChain(hardhat, { startAt: chain.snapshotAt - DEPLOYMENT_SECONDS, port });
  try {
    const kept = await withJournals(local, async () => {
      const played = await play(hardhat, local, {
        chain,
        clean,
        surface,
        seed: options.seed ?? 1,
        startedAt,
      });
      // The files come first: whoever reads the terminal may close it at any line.
      await writeFiles(played, clean, chain, options);
      if (json !== true) print(played, clean, chain, options);
      return sceneOf(played);
    });
    if (!keep) return;
    const say = json === true ? console.error : console.log;
    await writeOutput(addresses, `${JSON.stringify(kept.addresses, null, 2)}\n`);
    sayWhere(kept.addresses, addresses, say);
    await keepUp(hardhat, { chain: local, ...kept }, say);
  } finally {
    await local.close();
  }
}

interface Market {
  chain: Chain;
  clean: CleanChain;
  surface: Surface;
  /** Of the spot after the chain. */
  seed: number;
  startedAt: Date;
}

/** From the empty local chain to the end of the story: deploys, posts, reads back and trades. */
async function play(
  hardhat: HardhatRuntimeEnvironment,
  local: LocalChain,
  { chain, clean, surface, seed, startedAt }: Market,
) {
  const deployed = await step("Deploying", () => deploySurface(hardhat, local));
  const terms = { currency: chain.currency, spot: toWad(clean.spot) };
  const oracles = await step("Opening price feeds and a pool", () =>
    setOracles(hardhat, local, deployed, terms),
  );
  const stage = await step("Opening the Clearinghouse and a pool", () =>
    openMarket(hardhat, local, deployed, oracles, { ...terms, expiries: expiriesOf(surface.slices) }),
  );
  const report = { reportAt: chain.snapshotAt, spot: terms.spot, slices: surface.slices };
  const posted = await step("Signing and posting the report", () => postSurface(deployed, local, report));
  const answers = await spotAnswers(oracles, deployed.market);
  const reading = await step("Reading every quote back from the contracts", () =>
    readChains(deployed, chain, clean, surface, posted),
  );
  const story = await playStory(local, stage, { ...terms, posted, surface, seed });
  const summary = summarise(chain.source, startedAt, reading, posted, told(story));
  return { deployed, oracles, stage, posted, answers, reading, story, summary };
}

type Played = Awaited<ReturnType<typeof play>>;

async function writeFiles(
  { oracles, reading, summary }: Played,
  clean: CleanChain,
  chain: Chain,
  { plot, story, json }: StartOptions,
): Promise<void> {
  await writeOutput(plot, await page(reading.chains, clean, summary, chain));
  const smiles = reading.chains.flatMap((smile) =>
    smileViews(smile, fitLine(smile.summary, chain.snapshotAt)),
  );
  const surfaceFile = path.relative(path.dirname(story), plot);
  await writeOutput(story, await storyPage({ summary, symbols: symbolsOf(oracles), smiles, surfaceFile }));
  await writeJson(json, summary);
}

function print(
  { oracles, answers, reading, story, summary }: Played,
  clean: CleanChain,
  { snapshotAt }: Chain,
  { plot, story: storyFile, strikes }: StartOptions,
): void {
  const symbols = symbolsOf(oracles);
  console.log(`\n${styleText("bold", "Result")}\n${summaryLine(summary)}`);
  printResult(story, symbols);
  console.log(`pages: ${plot}, ${storyFile}`);
  printSurface(reading.chains, clean, snapshotAt, strikes);
  console.log(`\n${answersTable(answers)}`);
  printStory(story, symbols);
}

/** What goes on where the node is left up, and where it is. */
async function sceneOf({ deployed, oracles, stage, posted }: Played) {
  const addresses = await addressesOf(deployed, stage);
  const [vault, filler] = [stage.pool.vault, stage.pool.filler].map(({ target }) => target as string);
  return { sources: oracles, first: posted.report, addresses, places: { vault: vault!, filler: filler! } };
}

/** A line an expiry, and with `strikes` the table below it. */
function printSurface(
  chains: readonly OptionChain[],
  clean: CleanChain,
  snapshotAt: number,
  strikes: boolean,
): void {
  console.log(`\n${styleText("bold", "Surface")}`);
  for (const { symbol, rows, summary: expiry } of chains) {
    console.log(`${styleText("bold", symbol)} · ${fitLine(expiry, snapshotAt)}`);
    if (strikes && rows.length > 0) console.log(`${chainTable(rows)}\n`);
  }
  for (const line of chainLines(clean)) console.log(line);
}

function page(
  chains: readonly OptionChain[],
  clean: CleanChain,
  summary: Summary,
  chain: Chain,
): Promise<string> {
  const leftOut = chains.filter(({ tau }) => tau === null);
  return surfacePage({
    title: pageTitle(chain.currency, chain.snapshotAt),
    lines: [
      `Source: ${summary.source}`,
      summaryLine(summary),
      ...leftOut.map(({ symbol, summary: expiry }) => `${symbol} · ${fitLine(expiry, chain.snapshotAt)}`),
      ...chainLines(clean),
    ],
    smiles: chains.flatMap((smile) => smileViews(smile, fitLine(smile.summary, chain.snapshotAt))),
  });
}

/** Says what is on the node that is left up. */
function sayWhere({ contracts, market }: LocalAddresses, file: string, say: Say): void {
  say(`\n${styleText("bold", "Left up")}`);
  const width = Math.max(...Object.keys(contracts).map((name) => name.length));
  for (const [name, { address }] of Object.entries(contracts)) say(`${name.padEnd(width)} ${address}`);
  say(`market ${market}; accounts 1 to 3 of the development chain sign its reports; addresses: ${file}`);
}
