/** The two files that hold the coefficients, as text. */

import { constants, type Fit } from "./fits.ts";
import { toNumber } from "./real.ts";

export const SOLIDITY_FILE = "contracts/pricing/Coefficients.sol";
export const TYPESCRIPT_FILE = "sdk/src/fixed/coefficients.ts";

const MEANING: Record<string, string> = {
  ATANH: "atanh(y) / y of y^2 in [0, 9/25]",
  EXP2: "r coth(r ln(2) / 2) of r^2 in [0, 1/4]",
  MILLS: "M(z) = (1 - Phi(z)) / phi(z) of z in [0, 9]",
  EXP: "x coth(x / 2) of x^2 in [0, 1]",
};

const OTHERS: Record<string, string> = {
  LN2: "ln 2, X192",
  LN4: "2 ln 2, X96",
  DENSITY: "1 / sqrt(4 pi), X64",
  SQRT2_X127: "sqrt(2), X127",
};

/** Comment lines above a constant, or none. */
function comments(name: string, fits: Fit[]): string[] {
  const other = OTHERS[name];
  if (other) return [other];
  const fit = fits.find((candidate) => name === `${candidate.name}_A0`);
  if (!fit) return [];
  return [`${fit.name}: ${MEANING[fit.name]}; weighted error ${toNumber(fit.error).toExponential(1)}`];
}

const HEADER = [
  "Magnitudes of the coefficients of the continued fractions in Numerics: |a| X96, |c| X192; the outermost pair of MILLS is 32 bits lower.",
  "Written by scripts/coefficients/main.ts (npm run coefficients); do not edit.",
];

function lines(fits: Fit[], declare: (name: string, value: bigint) => string): string[] {
  return constants(fits).flatMap(([name, value]) => [
    ...comments(name, fits).flatMap((comment) => ["", `// ${comment}`]),
    declare(name, value),
  ]);
}

export function solidity(fits: Fit[]): string {
  const body = lines(fits, (name, value) => `uint256 constant ${name} = ${value};`);
  const header = [
    "// SPDX-License-Identifier: MIT",
    "pragma solidity 0.8.37;",
    "",
    ...HEADER.map((line) => `// ${line}`),
  ];
  return `${[...header, ...body].join("\n")}\n`;
}

export function typescript(fits: Fit[]): string {
  const body = lines(fits, (name, value) => `export const ${name} = ${value}n;`);
  return `${[...HEADER.map((line) => `// ${line}`), ...body].join("\n")}\n`;
}
