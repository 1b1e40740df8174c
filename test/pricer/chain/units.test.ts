import { ChainError, type RawQuote } from "@meniscus/pricer/chain/chain";
import { cleanChain } from "@meniscus/pricer/chain/clean";
import { expect } from "chai";
import { chainOf, soundQuotes } from "../../support/chain.ts";
import { itWithData } from "../../support/data.ts";
import { cleanRecordedChains } from "../../support/recorded.ts";

const changed = (change: (quote: RawQuote) => Partial<RawQuote>, quotes = soundQuotes()) =>
  chainOf(quotes.map((quote) => ({ ...quote, ...change(quote) })));
/** Of every strike the side that is out of the money. */
const oneSided = soundQuotes().filter(({ type, strike, forward }) => (type === "C") === strike >= forward!);

describe("units of a chain", () => {
  const sound = cleanChain(chainOf(soundQuotes()));

  it("have nothing to be told of where marks and quotes at the money agree", () => {
    expect(sound.notes).to.deep.equal([]);
  });

  for (const [what, unit] of [
    ["percent", 100],
    ["hundredths", 0.01],
  ] as const)
    it(`are found out where marks are in ${what}: the chain is cleaned as with marks of 1 = 100 %, which is told`, () => {
      const marked = changed(({ markVol }) => ({ markVol: markVol! * unit }));
      const { notes, expiries } = cleanChain(marked);
      expect(notes).to.deep.equal([`mark_iv taken for 1 = ${100 / unit} %, by the quotes at the money`]);
      expiries.forEach(({ atmSd, ...expiry }, i) => {
        const { atmSd: usual, ...rest } = sound.expiries[i]!;
        expect(expiry).to.deep.equal(rest);
        expect(atmSd / usual).to.be.closeTo(1, 1e-12);
      });
    });

  it("leave marks of no unit out where calls and puts vouch for the prices", () => {
    const { notes, expiries } = cleanChain(changed(({ markVol }) => ({ markVol: markVol! * 2 })));
    expect(notes).to.deep.equal(["mark_iv left out: it is not the vol of the quotes at the money"]);
    const unmarked = cleanChain(changed(() => ({ markVol: null })));
    expect(expiries).to.deep.equal(unmarked.expiries);
  });

  it("are refused where nothing vouches for prices whose vols are not those of the marks", () => {
    const cheap = changed(({ bid, ask }) => ({ bid: bid! / 2, ask: ask! / 2 }), oneSided);
    expect(() => cleanChain(cheap)).to.throw(
      ChainError,
      /have other vols than its marks, .* give prices in the coin \(V\/S\) and mark_iv as 1 = 100 %, or no mark_iv\.$/,
    );
  });

  it("say that they are not verified where there is neither a mark nor a strike with call and put", () => {
    const { notes } = cleanChain(changed(() => ({ markVol: null }), oneSided));
    expect(notes).to.deep.equal([
      "unit of prices not verified: no strike has call and put, and no quote a mark",
    ]);
    expect(cleanChain(chainOf(oneSided)).notes).to.deep.equal([]);
  });

  itWithData("are as they should be in every recorded chain", async () => {
    for (const { name, clean } of await cleanRecordedChains()) expect(clean.notes, name).to.deep.equal([]);
  });
});
