/** What a proposer asks a signer for: a report, where it counts, and the proof that it has no arbitrage. */
import { EXPIRIES_MAX } from "@meniscus/sdk/report";
import { z } from "zod";
import { ReportSchema } from "../store/words.ts";

const finite = z.number();
const Breaks = z.array(finite).max(100_000);

export const ProposalSchema = z.strictObject({
  chainId: z.number().int(),
  contract: z.string(),
  report: ReportSchema,
  certificate: z.strictObject({
    version: z.literal(1),
    slices: z
      .array(
        z.strictObject({
          expiryAt: z.number().int(),
          word: z.string().regex(/^0x[0-9a-f]{1,64}$/),
          butterfly: Breaks,
        }),
      )
      .max(EXPIRIES_MAX),
    calendar: z.array(Breaks).max(EXPIRIES_MAX - 1),
  }),
});

export type Proposal = z.infer<typeof ProposalSchema>;
