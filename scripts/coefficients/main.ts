/** Computes the coefficients and writes them into the contracts, the sdk and the pricer; a test compares the files with this output. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { SOLIDITY_FILE, solidity, TYPESCRIPT_FILE, typescript } from "./emit.ts";
import { fitAll } from "./fits.ts";
import { fitMildIntegrand, MILD_INTEGRAND_FILE, mildIntegrandFile } from "./mildIntegrand.ts";

const root = path.resolve(import.meta.dirname, "../..");
const fits = fitAll();
writeFileSync(path.join(root, SOLIDITY_FILE), solidity(fits));
writeFileSync(path.join(root, TYPESCRIPT_FILE), typescript(fits));
writeFileSync(path.join(root, MILD_INTEGRAND_FILE), mildIntegrandFile(fitMildIntegrand()));
console.log(`wrote ${SOLIDITY_FILE}, ${TYPESCRIPT_FILE} and ${MILD_INTEGRAND_FILE}`);
