/** What a keeper is told: one JSON file, checked before anything else happens. Secrets come from the environment or from files. */
import { isAddress, parseEther, parseUnits } from "ethers";
import { z } from "zod";

export { ConfigError } from "@meniscus/pricer/service/config";

/** The loops, in the order in which they look: who hedges wants a fresh book, who closes an epoch its expiries settled. */
export const JOBS = ["poke", "mark", "settle", "epoch", "hedge"] as const;
export type JobName = (typeof JOBS)[number];

const address = z.string().refine((text) => isAddress(text), "is no address");
/** A number means what JSON writes for it; as text an amount may have more digits than a number keeps. */
const decimal = z.union([z.string(), z.number()]).transform(String);
const ether = decimal
  .refine((text) => /^\d+(\.\d{1,18})?$/.test(text), "is no amount of ether, such as 0.05")
  .transform((text) => parseEther(text));
const gwei = decimal
  .refine((text) => /^\d+(\.\d{1,9})?$/.test(text), "is no amount of gwei, such as 1.5")
  .transform((text) => parseUnits(text, "gwei"));
const quoteAssets = decimal
  .refine(
    (text) => /^\d{1,30}$/.test(text),
    "is no whole number of the quote token's smallest parts, such as 1000000",
  )
  .transform(BigInt);

const keys = z.strictObject({
  /** The node, over HTTP. */
  rpc: z.url({ protocol: /^https?$/ }),
  chainId: z.int().positive(),
  /** The vault and the filler of its hedges; every other contract is asked of these two. */
  vault: address,
  filler: address,
  /** The intent log; one keeper a file. */
  journal: z.string().min(1),
  /** Where signed reports can be fetched that were not posted yet: GET gives `{report, signatures}`. */
  reportUrl: z
    .url({ protocol: /^https?$/ })
    .refine((url) => {
      const { username, password } = new URL(url);
      return username + password === "";
    }, "has a name or a password, with which nothing is fetched: leave them out")
    .optional(),
  /** Seconds between two looks. */
  intervalSeconds: z.number().min(0.01).max(3600).default(4),
  /** Seconds that the node, or who serves reports, has for an answer. */
  rpcSeconds: z.number().min(0.05).max(120).default(8),
  /** A head that is older by our clock is not acted on; 0: any age, for chains that keep a time of their own. */
  headMaxAgeSeconds: z.int().min(0).default(180),
  /** Blocks for which a transaction may wait before its price is raised. */
  stuckBlocks: z.int().min(1).default(3),
  /** Blocks after which a transaction is taken for final. */
  finalBlocks: z.int().min(1).default(12),
  /** The dearest gas that is ever offered. */
  feeCapGwei: gwei.refine((wei) => wei > 0n, "is 0, at which nothing is ever sent").prefault("100"),
  priorityFeeGwei: gwei.prefault("0.1"),
  /** What may be spent on gas in 24 hours. Beyond it the keeper looks and logs, and sends nothing. */
  dailyBudgetEther: ether.prefault("0.05"),
  /** Least profit of a hedge beyond its gas, in the quote token's smallest parts; where it comes in base, what is worth as much at the plan's spot. */
  minimumProfit: quoteAssets.prefault("1"),
  /** Where metrics and health are served; 0 takes any free port, null none. */
  port: z.int().min(0).max(65_535).nullable().default(9464),
  host: z.string().default("127.0.0.1"),
});

/** A keeper's file; what it gives in gwei and ether is in wei once it is parsed. */
export const KeeperSchema = keys
  .refine(({ priorityFeeGwei, feeCapGwei }) => priorityFeeGwei <= feeCapGwei, {
    path: ["priorityFeeGwei"],
    message: "is above feeCapGwei, so that nothing is ever sent: lower it, or raise feeCapGwei",
  })
  .transform(
    ({ feeCapGwei: feeCap, priorityFeeGwei: priorityFee, dailyBudgetEther: dailyBudget, ...rest }) => ({
      ...rest,
      feeCap,
      priorityFee,
      dailyBudget,
    }),
  );
export type Config = z.infer<typeof KeeperSchema>;
