/** What the options of several verbs take, and how it is read. All throw commander's InvalidArgumentError, which names the option. */
import { isoDay } from "@meniscus/sdk/clock";
import { InvalidArgumentError, Option } from "commander";

/** Parses a whole number between two bounds, both allowed. */
export function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < low || value > high)
      throw new InvalidArgumentError(`Give a whole number from ${low} to ${high}.`);
    return value;
  };
}

/** Takes any text but none at all, as of a shell variable that is not set. */
export function notEmpty(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("It is empty.");
  return text;
}

/** Parses seconds between two looks, from a tenth to an hour. */
export function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0.1 && value <= 3600)) throw new InvalidArgumentError("Give seconds from 0.1 to 3600.");
  return value;
}

/** Midnight UTC of a day as 2027-01-29, unix seconds. */
export function calendarDay(text: string): number {
  const midnight = Date.parse(`${text}T00:00:00Z`) / 1000;
  // A 30th of February is read as the 2nd of March: only a day that reads back as it was given is one.
  if (Number.isNaN(midnight) || isoDay(midnight) !== text)
    throw new InvalidArgumentError(`${text} is no day of the calendar: give one as 2027-01-29.`);
  return midnight;
}

/** From which level on a service logs. */
export const logLevelOption = (): Option =>
  new Option("--log-level <level>", "minimum level to log")
    .choices(["debug", "info", "warn", "error"])
    .default("info");

/** The base asset of recorded chains in a folder. */
export const currencyOption = (): Option =>
  new Option(
    "--currency <code>",
    "the base asset; needed where a file holds several, and files without it are left out",
  ).argParser(notEmpty);
