/**
 * Mutants of Solidity sources, from solc's syntax tree: one small wrong change each.
 */
import { createRequire } from "node:module";

/** A change of `[start, end)` of a file to `text`. */
export interface Mutant {
  file: string;
  start: number;
  end: number;
  text: string;
  /** What was changed, for people. */
  what: string;
}

interface Node {
  nodeType: string;
  src: string;
  [key: string]: unknown;
}

const SWAPS: Readonly<Record<string, string>> = {
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "==": "!=",
  "!=": "==",
  "&&": "||",
  "||": "&&",
  "&": "|",
  "|": "&",
  "^": "|",
  "<<": ">>",
  ">>": "<<",
  "+=": "-=",
  "-=": "+=",
  "|=": "&=",
  "&=": "|=",
  "^=": "&=",
};

const require = createRequire(import.meta.url);
const solc = require("solc") as { compile(input: string): string };

/** Solidity counts bytes; comments may hold other letters. */
function sliceOf(source: Buffer, node: Node): [start: number, end: number, text: string] {
  const [start, length] = node.src.split(":").map(Number) as [number, number];
  return [start, start + length, source.subarray(start, start + length).toString("utf8")];
}

function children(node: Node): Node[] {
  return Object.values(node)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter((value): value is Node => typeof (value as Node | null)?.nodeType === "string");
}

/** The replacement of one operator between two operands. */
function swapOperator(file: string, source: Buffer, node: Node, left: Node, right: Node): Mutant[] {
  const operator = node.operator as string;
  const swapped = SWAPS[operator];
  if (swapped === undefined || swapped === operator) return [];
  const [, leftEnd] = sliceOf(source, left);
  const [rightStart] = sliceOf(source, right);
  const at = leftEnd + source.subarray(leftEnd, rightStart).indexOf(operator);
  return [{ file, start: at, end: at + operator.length, text: swapped, what: `${operator} to ${swapped}` }];
}

/** The wrong changes that one node of the tree offers. */
function mutantsOf(file: string, source: Buffer, node: Node): Mutant[] {
  const [start, end, text] = sliceOf(source, node);
  const whole = (replacement: string, what: string): Mutant => ({
    file,
    start,
    end,
    text: replacement,
    what,
  });
  const brief = text.replaceAll(/\s+/g, " ").slice(0, 60);
  switch (node.nodeType) {
    case "BinaryOperation":
      return swapOperator(file, source, node, node.leftExpression as Node, node.rightExpression as Node);
    case "Assignment":
      return swapOperator(file, source, node, node.leftHandSide as Node, node.rightHandSide as Node);
    case "UnaryOperation": {
      const [, , operand] = sliceOf(source, node.subExpression as Node);
      if (node.operator === "++") return [whole(`--${operand}`, "++ to --")];
      if (node.operator === "--") return [whole(`++${operand}`, "-- to ++")];
      return node.operator === "delete" ? [] : [whole(operand, `without ${String(node.operator)}`)];
    }
    case "Conditional": {
      const part = (key: string) => sliceOf(source, node[key] as Node)[2];
      return [
        whole(
          `${part("condition")} ? ${part("falseExpression")} : ${part("trueExpression")}`,
          "branches swapped",
        ),
      ];
    }
    case "IfStatement": {
      const [from, to, condition] = sliceOf(source, node.condition as Node);
      return [
        { file, start: from, end: to, text: `!(${condition})`, what: `if not (${condition.slice(0, 50)})` },
      ];
    }
    case "Literal":
      if (node.kind === "bool") return [whole(text === "true" ? "false" : "true", `${text} flipped`)];
      return node.kind === "number" && /^\d+$/.test(text)
        ? [whole(`${BigInt(text) + 1n}`, `${text} plus 1`)]
        : [];
    case "ExpressionStatement":
    case "RevertStatement":
    case "EmitStatement":
      // A statement that does nothing, because Solidity has no empty one.
      return [whole("0", `without: ${brief}`)];
    case "ModifierInvocation":
      return /^(nonReentrant\w*|whenNotPaused|restricted)$/.test(text) ? [whole("", `without ${text}`)] : [];
    default:
      return [];
  }
}

/** Nodes below functions and modifiers; constants, types and inheritance are declarations, not behaviour. */
function behaviour(node: Node): Node[] {
  if (node.nodeType === "InlineAssembly") return [];
  const inside = children(node).flatMap(behaviour);
  return node.nodeType === "VariableDeclaration" && node.constant === true ? [] : [node, ...inside];
}

/** Every mutant of a file. */
export function mutantsOfFile(file: string, content: string): Mutant[] {
  const input = {
    language: "Solidity",
    sources: { [file]: { content } },
    settings: { stopAfter: "parsing", outputSelection: { "*": { "": ["ast"] } } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as {
    sources: Record<string, { ast: Node }>;
  };
  const source = Buffer.from(content);
  return behaviour(output.sources[file]!.ast).flatMap((node) => mutantsOf(file, source, node));
}

/** The file with the mutant in it. */
export function apply(content: string, mutant: Mutant): string {
  const source = Buffer.from(content);
  return Buffer.concat([
    source.subarray(0, mutant.start),
    Buffer.from(mutant.text),
    source.subarray(mutant.end),
  ]).toString("utf8");
}

/** What tells a mutant from all others of its file: the changed line, or the statement that is gone. */
export function nameOf(content: string, mutant: Mutant): string {
  if (mutant.what.startsWith("without: ")) return mutant.what;
  return apply(content, mutant).split("\n")[lineOf(content, mutant) - 1]!.trim();
}

/** 1-based line of a mutant. */
export function lineOf(content: string, mutant: Mutant): number {
  return Buffer.from(content).subarray(0, mutant.start).toString("utf8").split("\n").length;
}
