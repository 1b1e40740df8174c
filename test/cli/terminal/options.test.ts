import { calendarDay } from "@meniscus/cli/terminal/options";
import { expect } from "chai";

describe("calendarDay", () => {
  it("is midnight UTC of the day", () => {
    expect(calendarDay("1970-01-02")).to.equal(86_400);
    expect(calendarDay("2028-02-29")).to.equal(Date.UTC(2028, 1, 29) / 1000);
  });

  it("takes no day that the calendar does not have, nor another spelling of one", () => {
    for (const text of [
      "2027-02-30",
      "2027-13-01",
      "2027-1-29",
      "29.01.2027",
      "2027-01-29T00:00",
      "",
      "+002027-01-29",
    ])
      expect(() => calendarDay(text), text).to.throw(`${text} is no day of the calendar: give one as`);
  });
});
