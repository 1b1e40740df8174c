/**
 * The whole of it, from end to end: an option chain is cleaned and fitted, the surface is signed and posted on a local chain, every
 * quote is read back from the contracts, and the days until an expiry are played against them.
 */
import path from "node:path";
import { styleText } from "node:util";
import { type Chain, type Dropped, describeDrops } from "@meniscus/pricer/chain";
import { cleanChain } from "@meniscus/pricer/clean";
import type { Summary } from "@meniscus/sdk/summary";
import { withJournals } from "../deployment.ts";
import { fitLine } from "../expirySummary.ts";
import { fitChain } from "../fitting.ts";
import { assertPortIsFree, buildContracts, startLocalChain, untilEnded } from "../localChain.ts";
import { type MarketOptions, readMarket } from "../market.ts";
import { assertWritable, writeOutput } from "../output.ts";
import { pageTitle } from "../page/smileView.ts";
import { storyPage } from "../page/storyPage.ts";
import { surfacePage } from "../page/surfacePage.ts";
import { step } from "../progress.ts";
import { setOracles, spotAnswers } from "./stages/oracleStage.ts";
import type { Tokens } from "./stages/tokens.ts";
import { playStory, printStory, told } from "./story/story.ts";
import { type OptionChain, smileViews } from "./surface/optionChain.ts";
import { toWad } from "./surface/readBack.ts";
import { readChains, summarise } from "./surface/readChains.ts";
import { deploySurface, postSurface, type SurfaceOnChain } from "./surface/surfaceOnChain.ts";
import { answersTable } from "./tables/clearingTable.ts";
import { chainTable, summaryLine } from "./tables/table.ts";
import { openMarket } from "./trading/trading.ts";

export interface StartOptions extends MarketOptions {
  port: number;
  keep: boolean;
  plot: string;
  story: string;
  json?: string;
}

/** The local chain starts this long before the snapshot, so that deployment and listing lie before the report. */
const DEPLOYMENT_SECONDS = 3600;

const symbolsOf = ({ base, quote }: Tokens) => ({ base: base.symbol, quote: quote.symbol });
const expiriesOf = (slices: readonly { expiryAt: number }[]) => slices.map(({ expiryAt }) => expiryAt);

export async function start({
  port,
  keep,
  plot,
  story: storyFile,
  json,
  ...market
}: StartOptions): Promise<void> {
  const startedAt = new Date();
  await assertPortIsFree(port);
  await assertWritable(plot, storyFile, ...(json === undefined ? [] : [json]));

  const chain = await readMarket(market);
  console.log(`Source: ${chain.source}`);
  const clean = cleanChain(chain);
  const surface = await step(`Fitting ${clean.expiries.length} expiries`, async () => fitChain(clean));

  const hardhat = await buildContracts();
  const local = await startLocalChain(hardhat, { startAt: chain.snapshotAt - DEPLOYMENT_SECONDS, port });
  try {
    const contracts = await withJournals(local, async () => {
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
      const story = await playStory(local, stage, { ...terms, posted, surface, seed: market.seed ?? 1 });
      const summary = summarise(chain.source, startedAt, reading, posted, told(story));
      // The files come first: whoever reads the terminal may close it at any line.
      await writeOutput(plot, await page(reading.chains, summary, chain));
      const symbols = symbolsOf(oracles);
      const smiles = reading.chains.flatMap((smile) =>
        smileViews(smile, fitLine(smile.summary, chain.snapshotAt)),
      );
      await writeOutput(
        storyFile,
        await storyPage({
          summary,
          symbols,
          smiles,
          surfaceFile: path.relative(path.dirname(storyFile), plot),
        }),
      );
      if (json !== undefined) await writeOutput(json, `${JSON.stringify(summary, null, 2)}\n`);
      print(reading.chains, clean.dropped, summary, chain.snapshotAt);
      console.log(`\n${answersTable(answers)}`);
      printStory(story, symbols);
      console.log(`\nPages: ${plot}, ${storyFile}`);
      return deployed;
    });
    if (keep) await keepUp(local.url, contracts);
  } finally {
    await local.close();
  }
}

function print(chains: readonly OptionChain[], dropped: Dropped, summary: Summary, snapshotAt: number): void {
  for (const { symbol, rows, summary: expiry } of chains) {
    console.log(`\n${styleText("bold", symbol)} · ${fitLine(expiry, snapshotAt)}`);
    if (rows.length > 0) console.log(chainTable(rows));
  }
  const outside = describeDrops([dropped]);
  console.log(`${outside && `\nRows of no expiry above: ${outside}\n`}\n${summaryLine(summary)}`);
}

function page(chains: readonly OptionChain[], summary: Summary, chain: Chain): Promise<string> {
  return surfacePage({
    title: pageTitle(chain.currency, chain.snapshotAt),
    lines: [`Source: ${summary.source}`, summaryLine(summary)],
    smiles: chains.flatMap((smile) => smileViews(smile, fitLine(smile.summary, chain.snapshotAt))),
  });
}

/** Says where the node is, and waits until the process is told to end. */
async function keepUp(url: string, { volSurface, lens, market }: SurfaceOnChain): Promise<void> {
  console.log(`Node: ${url}`);
  console.log(
    `VolSurface ${await volSurface.getAddress()} · Lens ${await lens.getAddress()} · market ${market}`,
  );
  await untilEnded();
}
