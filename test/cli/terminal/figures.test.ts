import type { SimulationVariant } from "@meniscus/cli/json/simulation";
import { fixed, money, PARTS } from "@meniscus/cli/terminal/figures";
import { FIGURES } from "@meniscus/cli/terminal/simulationFigures";
import { expect } from "chai";

describe("figures", () => {
  it("have no sign where they round to nothing", () => {
    expect([money(-0.004), money(-0.005001), money(-0), fixed(-0.4, 0), fixed(-0.06, 1)]).to.deep.equal([
      ...["0.00", "-0.01", "0.00", "0", "-0.1"],
    ]);
  });

  it("of a simulation tell the informed's trades beside their looks, and no break-even where nothing is to be paid for", () => {
    const figure = (name: string, variant: object) =>
      FIGURES.find(([title]) => title.trim() === name)![1](variant as SimulationVariant);
    const informed = { count: 25, looks: 12 };
    expect(figure("informed: trades, looks", { trades: { informed } })).to.equal("25, 12");
    expect(figure("break-even", { turnover: { breakEven: 0 } })).to.equal("-");
    expect(figure("break-even", { turnover: { breakEven: 0.093 } })).to.equal("9.3 %");
  });

  it("of a simulation tell every part of the profit, and the premium after the last", () => {
    const titles = FIGURES.map(([title]) => title.trim());
    const from = titles.indexOf("profit against holding, quote") + 1;
    expect(titles.slice(from, from + PARTS.length + 1)).to.deep.equal([
      ...PARTS.map(([, title]) => title),
      "premium, not in the sum",
    ]);
    const attribution = { premium: 1321.4 };
    const [, figure] = FIGURES[from + PARTS.length]!;
    expect(figure({ attribution } as SimulationVariant)).to.equal("1,321");
  });
});
