/** Where spot and vol really are: what honest signers report, and what a trade is really worth. */
import { smileWord } from "../slices.ts";
import { type ReportOptions, tauAt } from "../surface.ts";
import { contractOf, type Legs, TENORS_TRADED, type World } from "./coalition.ts";
import { expiryIn, WAD } from "./fixture.ts";

const YEAR = 365 * 86_400;
/** The pool's own nu (docs/QUANT.md): vol moves by this share of itself per square root of a year at 30 days, by w_e as much at others. */
const VOL_OF_VOL = 0.6;
const weightOf = (tenor: number): number => Math.min(Math.max(Math.sqrt(30 / tenor), 0.28), 5.5);

export class Truth {
  spot: number;
  readonly vols: Record<number, number>;

  constructor(spot: number, vol: number) {
    this.spot = spot;
    this.vols = Object.fromEntries(TENORS_TRADED.map((tenor) => [tenor, vol]));
  }

  /** Moves on by `seconds`: everything by that many standard deviations as `draw` says. */
  move(seconds: number, draw: () => number): void {
    const root = Math.sqrt(seconds / YEAR);
    this.spot *= 1 + draw() * Math.min(...Object.values(this.vols)) * root;
    for (const tenor of TENORS_TRADED) this.vols[tenor]! *= 1 + draw() * VOL_OF_VOL * weightOf(tenor) * root;
  }

  /** An honest report of now; `times` as much vol for a dishonest one. */
  report(at: number, times = 1): ReportOptions {
    const words = Object.fromEntries(
      TENORS_TRADED.map((tenor) => {
        const vol = this.vols[tenor]! * times;
        return [tenor, smileWord({ vol, tau: tauAt(expiryIn(tenor), at), reportAt: at })];
      }),
    );
    const vol = this.vols[TENORS_TRADED.at(-1)!]! * times;
    return { at, vol, words, tenors: TENORS_TRADED, spot: this.spotWad };
  }

  get spotWad(): bigint {
    return BigInt(Math.round(this.spot * 1e6)) * 10n ** 12n;
  }

  /** sum q V by the honest surface of `now`, in quote assets, rounded down. */
  async valueOf(world: World, legs: Legs, now: number): Promise<bigint> {
    let sum = 0n;
    for (const { series, amount } of legs) {
      const { tenor, strike, isPut } = contractOf(series);
      const seconds = expiryIn(tenor) - 1200 - now;
      const word = smileWord({ vol: this.vols[tenor]!, tau: seconds / YEAR, reportAt: now });
      const priced = await world.lens.quote!(word, this.spotWad, BigInt(strike) * WAD, seconds, seconds);
      sum += amount * (isPut ? priced.put : priced.call);
    }
    return sum / WAD / 10n ** 12n;
  }
}
