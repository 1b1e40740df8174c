// Makes a fresh clone ready: runs before `npm start`, `npm test` and every other npm script that needs packages.
//
// Plain Node without a package, because it runs before there are any. The install itself runs under Node 22: under Node 20
// npm silently leaves out Hardhat's native part, and every build then dies with HHE27.

import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/**
 * Why the packages of `root` cannot be used as they are, or null when they can.
 * @param {string} root
 * @returns {string | null}
 */
export function reasonToInstall(root) {
  const installed = path.join(root, "node_modules", ".package-lock.json");
  if (!existsSync(installed)) return "no packages are installed";
  if (statSync(installed).mtimeMs < statSync(path.join(root, "package-lock.json")).mtimeMs)
    return "package-lock.json is newer than the installed packages";
  try {
    // EDR requires its platform's package when it is loaded, so loading it is the test.
    const requireFromHardhat = createRequire(path.join(root, "node_modules", "hardhat", "package.json"));
    requireFromHardhat("@nomicfoundation/edr");
  } catch {
    return "Hardhat's native part is missing (an install under Node 20 leaves it out)";
  }
  return null;
}

/** Installs the locked packages under Node 22 if they are missing, stale or incomplete. */
function setUp(root = ROOT) {
  const reason = reasonToInstall(root);
  if (reason === null) return;
  console.error(`Installing packages: ${reason}.`);
  try {
    execFileSync("npx", ["--yes", "--package=node@22", "--", "npm", "ci", "--no-audit", "--no-fund"], {
      cwd: root,
      stdio: ["ignore", 2, 2],
    });
  } catch {
    console.error(
      "The installation failed: check that the npm registry can be reached, then run the command again.",
    );
    process.exit(1);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setUp();
