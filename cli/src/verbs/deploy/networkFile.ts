/** The parameter file of a network: what is there already, and who will have which role. deploy/parameters holds one a network. */

import { readFileSync } from "node:fs";
import { inPlainWords } from "@meniscus/pricer/service/config";
import { SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import { counted } from "@meniscus/sdk/counted";
import { getAddress, isAddress, ZeroAddress } from "ethers";
import { z } from "zod";
import { CliError } from "../../cliError.ts";
import { changedTerms } from "./terms.ts";

const REQUIRED = "required, and not given: nobody could look it up for you";

const known = { error: (issue: { input?: unknown }) => (issue.input === null ? REQUIRED : undefined) };
const address = z
  .string(known)
  .refine((text) => isAddress(text) && getAddress(text) !== ZeroAddress, {
    error: "no address (20 bytes in hex, with a sound checksum where letters are mixed)",
  })
  .transform(getAddress);
const whole = (low: number, high: number) => z.number(known).int().min(low).max(high);

const feed = z.strictObject({
  proxy: address,
  /** As the feed describes itself; compared where it is given. */
  description: z.string().optional(),
  /** With fewer the oracles' least answer, a cent, would be none. */
  decimals: whole(2, 18),
  /** Of Chainlink, seconds; what the oracles allow beyond it is added here, not there. */
  heartbeat: whole(60, 172_500),
  deviationBps: whole(1, 1000),
});

const settlementFeed = feed.pick({ proxy: true, decimals: true, heartbeat: true });

const asset = z.strictObject({
  token: address,
  symbol: z.string().min(1),
  decimals: whole(0, 18),
  feed,
});

const networkFile = z
  .strictObject({
    network: z.string().regex(/^[a-z][a-z0-9-]*$/, "lower case letters, digits and hyphens"),
    chainId: whole(1, Number.MAX_SAFE_INTEGER),
    market: whole(1, 2 ** 32 - 1),
    name: z
      .string()
      .min(1)
      .refine((text) => Buffer.byteLength(text) <= 31, "more than 31 bytes"),
    base: asset,
    quote: asset,
    /** Settlement keeps the feeds it was deployed with: named here once spot has others. */
    settlement: z.strictObject({ base: settlementFeed, quote: settlementFeed }).optional(),
    minimumAmount: z
      .string()
      .regex(
        /^(?=.*[1-9])\d{1,6}(\.\d{1,18})?$/,
        "a decimal number of options, more than 0 and below a million",
      ),
    /** Of the pool that spot is averaged from and hedges are filled from; fee in Uniswap's unit. */
    uniswap: z.strictObject({ factory: address, fee: whole(1, 100_000) }),
    /** Null where the chain has none. */
    permit2: address.nullable(),
    sequencer: address.nullable(),
    surface: z.strictObject({
      levelBps: whole(3000, 10_000),
      skewBps: whole(700, 5000),
      basisBps: whole(30, 500),
      quarantine: whole(600, 21_600),
    }),
    signers: z.array(address, known).min(1).max(16),
    quorum: whole(1, 16),
    governor: address,
    council: address,
    guardian: address,
    lister: address,
    governorDelay: whole(0, 30 * SECONDS_PER_DAY),
    /** What is not as docs/PARAMETERS.md proposes it. */
    terms: changedTerms.optional(),
    /** Where each fact comes from, for people. */
    sources: z.record(z.string(), z.string()).optional(),
  })
  .superRefine((file, context) => {
    const say = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if (file.quorum > file.signers.length)
      say("quorum", `${file.quorum}, of no more than ${counted(file.signers.length, "signer")}`);
    if (new Set(file.signers).size < file.signers.length) say("signers", "one is named twice");
    if (file.base.token === file.quote.token) say("quote", "is the base token, too");
  });

export type NetworkFile = z.infer<typeof networkFile>;
export type Asset = NetworkFile["base"];

/**
 * Reads and checks a parameter file.
 * @throws CliError that names every field that is missing or wrong.
 */
export const readNetworkFile = (file: string): NetworkFile => parseNetworkFile(readParameterFile(file), file);

/** The fields that the file holds, whatever they are. */
export function readParameterFile(file: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new CliError(`${file} cannot be read: name a parameter file, as deploy/parameters/mainnet.json.`);
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new CliError(`${file} is no JSON: ${(error as Error).message}.`);
  }
  const object = z.record(z.string(), z.unknown()).safeParse(content);
  if (!object.success) throw new CliError(`${file} holds no fields by name.`);
  return object.data;
}

/** @throws CliError that names every field that is missing or wrong. */
export function parseNetworkFile(content: unknown, name: string): NetworkFile {
  const parsed = networkFile.safeParse(content, { error: inPlainWords });
  if (parsed.success) return parsed.data;
  throw new CliError(`${name} cannot be deployed from:\n${mistakesOf(parsed.error)}`);
}

/** Every field that is missing or wrong, a line each. */
export const mistakesOf = ({ issues }: z.ZodError): string =>
  issues.map(({ path, message }) => `  ${path.join(".") || "the file"}: ${message}`).join("\n");
