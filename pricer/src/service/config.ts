/** What a pricer and a signer are told: one JSON file each, checked before anything starts. */
import { readFileSync } from "node:fs";
import { systemReason } from "@meniscus/sdk/systemReason";
import { isAddress } from "ethers";
import { z } from "zod";

/** A mistake of whoever runs a service. The message is one line for people. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const LOOPBACK = new Set(["127.0.0.1", "localhost"]);
const port = z.number().int().min(0).max(65_535);
const positive = z.number().positive();
/** Of a price: 1 is all of it. */
const share = positive.max(1, "is a share, at most 1: 0.03 is 3 %");
const range = z
  .tuple([positive, positive])
  .refine(([low, high]) => low < high, "is no range: give the lower bound first, then the higher");

const Market = z.strictObject({
  /** Its number in the contract. */
  id: z
    .number()
    .int()
    .min(1)
    .max(2 ** 32 - 1),
  chainId: z.number().int().positive(),
  /** VolSurface. */
  contract: z.string().refine(isAddress, "is no address"),
});

/** Within these a report is plausible at all. */
const Bounds = z
  .strictObject({
    /** Quote per base. */
    spot: range.default([1e-3, 1e8]),
    /** At the money, 1 = 100 %. */
    vol: range.default([0.05, 6]),
    /** The most that spot may have moved since the last report signed, and once more for every hour since. */
    spotJumpBps: positive.default(1500),
  })
  .prefault({});

/** How far a proposal may lie from one's own fit. */
const Tolerance = z
  .strictObject({
    spotBps: positive.default(50),
    /** Of the price at the money, for any option out of the money out to 3 sd. */
    priceShare: share.default(0.03),
    /** Between the forwards, as ratios to spot; those of venue and of parity are as near in 99 % of the recorded slices. */
    basisBps: positive.default(20),
    /** Between the time of the report and that of the own data, and between report and clock, seconds. */
    seconds: positive.default(20),
    /** How far ahead of the own clock a report may be, seconds. */
    aheadSeconds: z.number().min(0).default(2),
  })
  .prefault({});

/** When to publish. */
const Rules = z
  .strictObject({
    heartbeatSeconds: positive.default(60),
    /** The least between two reports, whatever moves; the mark's comes all the same. */
    leastSeconds: z.number().min(0).default(3),
    spotBps: positive.default(25),
    priceShare: share.default(0.02),
  })
  .prefault({});

export const SignerSchema = z.strictObject({
  market: Market,
  bounds: Bounds,
  tolerance: Tolerance,
  /** Seconds that a look at one's own source may take while a proposer waits. */
  lookSeconds: positive.default(2.5),
  /** A file of SQLite, or a URL of Postgres. */
  store: z.string().min(1),
  port: port.default(8551),
});

export const PricerSchema = z.strictObject({
  market: Market,
  rpc: z.url({ protocol: /^https?$/ }),
  signers: z
    .array(
      z
        .url({ protocol: /^http$/, abort: true })
        .refine(
          (url) => LOOPBACK.has(new URL(url).hostname),
          "is not on loopback: a signer listens nowhere else",
        )
        // Logs and metrics name a signer by it, and it is asked at its root, without a login.
        .refine(
          (url) => new URL(url).href === `${new URL(url).origin}/`,
          "has more than host and port, such as a name, a password or a path: leave that out",
        ),
    )
    .min(1)
    .max(16),
  rules: Rules,
  bounds: Bounds,
  /** The most that a gas unit may cost, gwei; down to a wei. */
  feeCapGwei: z.number().min(1e-9).max(1e6).default(200),
  /** The most that is taken of the tip that the node names, gwei, where there is a base fee; what was lost is outbid all the same. */
  priorityFeeGwei: z.number().min(0).max(1e6).default(2),
  /** What reports may cost in 24 hours, the last tenth for marks alone. Beyond it none is posted. */
  dailyBudgetEther: positive.max(1e6).default(5),
  /** Seconds that the node has for its answer. */
  rpcSeconds: positive.max(120).default(8),
  /** Seconds that a signer has for its answer. */
  signerSeconds: positive.default(3),
  store: z.string().min(1),
  port: port.default(9465),
});

export type MarketConfig = z.infer<typeof Market>;
export type BoundsConfig = z.infer<typeof Bounds>;
export type ToleranceConfig = z.infer<typeof Tolerance>;
export type RulesConfig = z.infer<typeof Rules>;
export type SignerConfig = z.infer<typeof SignerSchema>;
export type PricerConfig = z.infer<typeof PricerSchema>;

export const DEFAULT_RULES: RulesConfig = Rules.parse({});
export const DEFAULT_BOUNDS: BoundsConfig = Bounds.parse({});

/** @throws ConfigError that names every mistake with its place */
export function readConfig<T>(file: string, schema: z.ZodType<T>): T {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigError(`${file} cannot be read: ${systemReason(error)}.`);
  }
  return parseConfig(text, file, schema);
}

/**
 * What is said of a field that is not there, and of a key that nobody knows: with the known ones that it may stand for. Of all others zod says
 * what it says.
 */
export function inPlainWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === "unrecognized_keys" && issue.inst instanceof z.ZodObject) {
    const known = Object.keys(issue.inst.shape);
    return issue.keys
      .map((key) => `"${key}" is no key here; known: ${nearest(key, known).join(", ")}`)
      .join("; ");
  }
  return issue.input === undefined ? "is missing" : undefined;
}

/** Those that begin with the same word, as `feeCapGwei` does for `feeCap`; all of them where none does. */
function nearest(key: string, known: string[]): string[] {
  const firstWord = (name: string) => /^[a-z]*/.exec(name)![0];
  const near = known.filter((name) => firstWord(name) === firstWord(key));
  return near.length > 0 ? near : known;
}

/** @param name what the text is called when it is wrong */
export function parseConfig<T>(text: string, name: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ConfigError(`${name} is no JSON.`);
  }
  const parsed = schema.safeParse(value, { error: inPlainWords });
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map(
    ({ path, message }) => `${path.join(".") || "the whole"}: ${message}`,
  );
  throw new ConfigError(`${name}: ${mistakes.join("; ")}.`);
}

/** Whose state it is, in a database that others share. */
export const scopeOf = ({ chainId, contract, id }: MarketConfig, account: string): string =>
  `${chainId}/${contract.toLowerCase()}/${id}/${account.toLowerCase()}`;
