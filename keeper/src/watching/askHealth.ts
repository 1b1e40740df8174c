/** How a keeper is, asked over HTTP. */
import type { Health } from "@meniscus/pricer/service/endpoint";
import { hostOf } from "@meniscus/pricer/service/withHostsOnly";
import { z } from "zod";

const served = z.object({ isWell: z.boolean(), reasons: z.array(z.string()) });

/** Asks an endpoint how its keeper is; one that does not answer, or is something else, is sick. */
export async function askHealth(url: string): Promise<Health> {
  let text: string;
  try {
    const answer = await fetch(new URL("/health", url), { signal: AbortSignal.timeout(5000) });
    text = await answer.text();
  } catch {
    return { isWell: false, reasons: [`${hostOf(url)} does not answer`] };
  }
  return healthIn(text) ?? { isWell: false, reasons: [`what answers at ${hostOf(url)} is no keeper`] };
}

function healthIn(text: string): Health | null {
  try {
    return served.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
