/** What the governor may set of each contract: what docs/PARAMETERS.md proposes, but for what a network's file has otherwise. */
import { SPOT_LIMITS } from "@meniscus/sdk/oracles";
import { BOOK_TERMS, POOL_PARAMETERS } from "@meniscus/sdk/pool/terms";
import { HEDGER_PARAMETERS } from "@meniscus/sdk/vault/hedge";
import { trancheTerms, VAULT_TERMS } from "@meniscus/sdk/vault/terms";
import { getAddress, isAddress } from "ethers";
import { z } from "zod";

/** A field is of the kind that its proposal has; whether it is within its bounds is the contract's to say. */
const KINDS = {
  number: z.number().int().min(0),
  bigint: z
    .string()
    .regex(/^\d{1,31}$/, "no amount in the token's units, as text")
    .transform(BigInt),
  string: z
    .string()
    .refine((text) => isAddress(text), "no address")
    .transform(getAddress),
};

/** Any of these fields, by its name in the contract's struct. */
function anyOf<Terms extends object>(proposed: Terms): z.ZodType<Partial<Terms>> {
  const fields = Object.entries(proposed).map(
    ([name, value]) => [name, KINDS[typeof value as keyof typeof KINDS]] as const,
  );
  return z.strictObject(Object.fromEntries(fields)).partial() as unknown as z.ZodType<Partial<Terms>>;
}

export const changedTerms = z
  .strictObject({
    spotOracle: anyOf(SPOT_LIMITS),
    book: anyOf(BOOK_TERMS),
    optionPool: anyOf(POOL_PARAMETERS),
    deltaHedger: anyOf(HEDGER_PARAMETERS),
    liquidityVault: anyOf(VAULT_TERMS),
    baseTranche: anyOf(trancheTerms("base", 18)),
    quoteTranche: anyOf(trancheTerms("quote", 6)),
  })
  .partial();

/** The part of a network's file that terms follow from. */
interface Source {
  base: { decimals: number };
  quote: { decimals: number };
  terms?: z.infer<typeof changedTerms> | undefined;
}

/** All terms of a network, by the contract that holds them. */
export const termsOf = ({ base, quote, terms: changed = {} }: Source) => ({
  spotOracle: { ...SPOT_LIMITS, ...changed.spotOracle },
  book: { ...BOOK_TERMS, ...changed.book },
  optionPool: { ...POOL_PARAMETERS, ...changed.optionPool },
  deltaHedger: { ...HEDGER_PARAMETERS, ...changed.deltaHedger },
  liquidityVault: { ...VAULT_TERMS, ...changed.liquidityVault },
  baseTranche: { ...trancheTerms("base", base.decimals), ...changed.baseTranche },
  quoteTranche: { ...trancheTerms("quote", quote.decimals), ...changed.quoteTranche },
});
