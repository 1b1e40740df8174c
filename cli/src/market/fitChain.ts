/** The fit as the commands use it: a surface with something on it, or one line on why there is none. */
import { type CleanChain, describeDrops } from "@meniscus/pricer/chain/chain";
import { fitSurface } from "@meniscus/pricer/fit/fitSurface";
import type { Surface } from "@meniscus/pricer/fit/surface";
import { CliError } from "../cliError.ts";

/** @throws CliError with the fitter's reasons and the counted drops when no expiry can be fitted. */
export function fitChain(clean: CleanChain): Surface {
  const surface = fitSurface(clean);
  if (surface.slices.length > 0) return surface;
  const reasons = new Set(surface.refused.map(({ reason }) => reason));
  const drops = describeDrops([clean.dropped, ...clean.expiries.map(({ dropped }) => dropped)]);
  throw new CliError(
    `${clean.source}: no expiry can be fitted (${[...reasons].join("; ")})${drops && `; dropped: ${drops}`}.`,
  );
}
