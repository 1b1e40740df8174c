/** What a simulation runs through: recorded surfaces, fitted, and a path of spot, over one window. */
import path from "node:path";
import { ChainError, type CleanChain } from "@meniscus/pricer/chain/chain";
import { cleanChain } from "@meniscus/pricer/chain/clean";
import { fitSurface } from "@meniscus/pricer/fit/fitSurface";
import type { Surface } from "@meniscus/pricer/fit/surface";
import { parseRecordedChain, readRecorded } from "@meniscus/pricer/source/recorded";
import { priceAt, readSpotPath, type SpotPath } from "@meniscus/pricer/source/spotPath";
import { isoTime, SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import { CliError } from "../../cliError.ts";
import { chainFiles } from "../../market/recordedChains.ts";

/** A chain older than this says nothing of the window's first hours. */
const OLDEST_SECONDS = 3 * SECONDS_PER_DAY;
/** A chain's spot further from the path's than this share, and as much for each day between the two, is of another asset. */
const MOST_OFF = 0.1;

interface Window {
  /** Unix seconds, 09:00 UTC both. */
  readonly from: number;
  readonly to: number;
}

export interface SimulationInput extends Window {
  readonly currency: string;
  /** By rising time; the first one is not after `from`. */
  readonly surfaces: readonly Surface[];
  readonly spot: SpotPath;
}

export async function readInput(
  folder: string,
  spotFile: string,
  currency: string,
  window: Window,
): Promise<SimulationInput> {
  const spot = await readSpotPath(spotFile);
  requireSpot(spot, window);
  const found = await chainsOf(folder, currency);
  const wanted = found.filter(({ at }) => at >= window.from - OLDEST_SECONDS && at <= window.to);
  if (found.length === 0)
    throw new CliError(`${folder} holds no ${currency} chain: choose another --currency or --chains.`);
  if (wanted.length === 0 || wanted[0]!.at > window.from)
    throw new CliError(
      `${folder} holds no ${currency} chain of the three days before ${iso(window.from)}; it has them from ${iso(found[0]!.at)} to ${iso(found.at(-1)!.at)}: choose another --from, or another --currency.`,
    );
  const surfaces: Surface[] = [];
  for (const { text, name } of wanted) {
    const last = surfaces.at(-1);
    const clean = cleanChain(parseRecordedChain(text, name, currency));
    requireSameAsset(clean, name, spot);
    const surface = fitSurface(clean, last === undefined ? {} : { last });
    if (surface.slices.length > 0) surfaces.push(surface);
  }
  if (surfaces.length === 0) throw new CliError(`No chain of ${folder} in the window can be fitted.`);
  return { ...window, currency, surfaces, spot };
}

const iso = (at: number) => isoTime(at).slice(0, 16);

function requireSpot({ bars, name }: SpotPath, { from, to }: Window): void {
  const [first, last] = [bars[0]!.at, bars.at(-1)!.at];
  if (first > from - SECONDS_PER_DAY || last < to)
    throw new CliError(
      `${name} covers ${iso(first)} to ${iso(last)}, not ${iso(from)} to ${iso(to)} and the day before: choose --from and --days inside, or another --spot.`,
    );
}

/** Of a chain beyond an end of the path, against the price there. */
function requireSameAsset({ spot, snapshotAt }: CleanChain, chain: string, path: SpotPath): void {
  const at = Math.min(Math.max(snapshotAt, path.bars[0]!.at), path.bars.at(-1)!.at);
  const price = priceAt(path, at);
  if (Math.abs(price / spot - 1) <= MOST_OFF * (1 + Math.abs(at - snapshotAt) / SECONDS_PER_DAY)) return;
  throw new CliError(
    `${path.name} has ${price.toFixed(2)} at ${iso(at)}, where ${chain} has ${spot.toFixed(2)}: give --chains, --currency and --spot of one asset.`,
  );
}

interface Found {
  name: string;
  text: string;
  at: number;
}

/** The folder's chains of a currency by time, told by each file's first row; what is no chain is told on stderr. */
async function chainsOf(folder: string, currency: string): Promise<Found[]> {
  const found: Found[] = [];
  for (const file of chainFiles(folder)) {
    const name = path.basename(file);
    try {
      const text = await readRecorded(file);
      const first = firstRow(text);
      if (first.timestamp_ms === undefined) throw new ChainError(`${name} is no recorded chain.`);
      const at = Number(first.timestamp_ms) / 1000;
      if (first.currency?.toUpperCase() === currency && Number.isFinite(at)) found.push({ name, text, at });
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      console.error(`left out: ${error.message}`);
    }
  }
  return found.sort((one, other) => one.at - other.at);
}

function firstRow(text: string): Record<string, string> {
  const [header = "", row = ""] = text.slice(0, 2000).split(/\r?\n/);
  const fields = row.split(",");
  return Object.fromEntries(header.split(",").map((name, i) => [name.trim(), fields[i] ?? ""]));
}
