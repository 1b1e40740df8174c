/** How a keeper is, asked over HTTP. */
import type { Health } from "@meniscus/pricer/service/endpoint";

/** Asks an endpoint how its keeper is; one that does not answer is sick. */
export async function askHealth(url: string): Promise<Health> {
  try {
    const answer = await fetch(new URL("/health", url), { signal: AbortSignal.timeout(5000) });
    return (await answer.json()) as Health;
  } catch {
    return { isWell: false, reasons: [`${url} does not answer`] };
  }
}
