/** Computes the coefficients and writes them into the contracts and the sdk; a test compares the files with this output. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { SOLIDITY_FILE, solidity, TYPESCRIPT_FILE, typescript } from "./emit.ts";
import { fitAll } from "./fits.ts";

const root = path.resolve(import.meta.dirname, "../..");
const fits = fitAll();
writeFileSync(path.join(root, SOLIDITY_FILE), solidity(fits));
writeFileSync(path.join(root, TYPESCRIPT_FILE), typescript(fits));
console.log(`wrote ${SOLIDITY_FILE} and ${TYPESCRIPT_FILE}`);
