/** A venue on loopback with the API of Deribit: the simulated market's quotes of now, or what its mood makes of them. */
import { simulatedSource } from "@meniscus/pricer/source/simulated";
import { bookSummary, envelope, type Stub, startStub } from "../deribitStub.ts";

/** Standing: every row but one is stale; gappy: every tenth. */
export type Mood =
  | "honest"
  | "silent"
  | "stale"
  | "standing"
  | "gappy"
  | "crossed"
  | "dear"
  | "far"
  | "no numbers"
  | "no JSON";

export interface FakeVenue extends Pick<Stub, "api" | "close"> {
  mood: Mood;
  /** An expiry that it has no options of. */
  missing: number | null;
  /** Seconds that its clock is ahead. */
  offset: number;
}

/** The venues of one second say the same. */
let answers = { key: "", told: Promise.resolve({ chain: "", index: "" }) };

const STALE_SECONDS = 120;
const OFF = 1.3;

export async function startVenue(seed: number): Promise<FakeVenue> {
  const stub = await startStub(async ({ url = "" }, response) => {
    if (venue.mood === "silent") return;
    response.writeHead(200, { "content-type": "application/json" });
    const at = Math.floor(Date.now() / 1000) + venue.offset;
    const { mood, missing } = venue;
    const key = `${seed} ${at} ${mood} ${missing}`;
    if (answers.key !== key) answers = { key, told: answer(seed, at, mood, missing) };
    const { chain, index } = await answers.told;
    response.end(url.includes("/public/get_index_price?") ? index : chain);
  });
  const venue: FakeVenue = { api: stub.api, close: stub.close, mood: "honest", missing: null, offset: 0 };
  return venue;
}

async function answer(seed: number, at: number, mood: Mood, missing: number | null) {
  const summaries = await bookSummaries(seed, at, mood, missing);
  const price = summaries[0]!.estimated_delivery_price;
  const chain = JSON.stringify(envelope(summaries));
  return {
    chain: mood === "no JSON" ? chain.replaceAll('"mark_iv":', '"mark_iv":NaN,"was":') : chain,
    index: JSON.stringify(envelope({ index_price: price, estimated_delivery_price: price })),
  };
}

/** The book summary of the simulated market, as its mood tells it. */
export async function bookSummaries(
  seed: number,
  at: number,
  mood: Mood = "honest",
  missing: number | null = null,
): Promise<Record<string, unknown>[]> {
  const snapshotAt = at - (mood === "stale" || mood === "standing" ? STALE_SECONDS : 0);
  const { quotes } = await simulatedSource({ seed, snapshotAt }).read();
  const price = mood === "dear" ? OFF : 1;
  const spot = mood === "far" ? OFF : 1;
  const told = quotes.filter(({ expiryAt }) => expiryAt !== missing);
  const times = (value: number | null, factor: number) => (value === null ? null : value * factor);
  const lateBy = (row: number) => {
    if (mood === "gappy") return row % 10 === 0 ? STALE_SECONDS : 0;
    return mood === "standing" && row === 0 ? -STALE_SECONDS : 0;
  };
  return told.map(({ instrument, bid, ask, mark, markVol, forward, index, atMs }, row) => {
    const [low, high] = mood === "crossed" ? [times(ask, 1.2), times(bid, 0.8)] : [bid, ask];
    return bookSummary(instrument, {
      bid_price: mood === "no numbers" ? "NaN" : times(low, price),
      ask_price: times(high, price),
      mark_price: mark,
      mark_iv: times(markVol, 100),
      underlying_price: times(forward, spot),
      estimated_delivery_price: times(index, spot),
      creation_timestamp: atMs - 1000 * lateBy(row),
    });
  });
}
