import { parser } from '@prometheus-io/lezer-promql';

/** What an expression of PromQL asks for. */
export interface Asked {
  readonly selectors: readonly Selector[];
  /** The labels that its operators group or match by. */
  readonly groupings: readonly string[];
  /** The labels that it gives by label_replace. */
  readonly made: readonly string[];
}

export interface Selector {
  readonly metric: string;
  /** The labels that it selects by. */
  readonly labels: readonly string[];
  /** What is made of its range; null: it selects no range. */
  readonly rangeFunction: string | null;
}

/** Reads an expression by Prometheus' own grammar. Throws where it isn't one. */
export function readPromql(expr: string): Asked {
  const found = nodesOf(expr);
  const broken = found.find(({ isError }) => isError);
  if (broken) throw new Error(`no PromQL at character ${broken.from}: ${expr}`);
  const texts = (name: string, { from, to } = everything): string[] =>
    found.filter((node) => node.name === name && node.from >= from && node.to <= to).map(({ text }) => text);
  const selectors = found
    .filter(({ name }) => name === 'VectorSelector')
    .map((node) => ({
      metric: texts('Identifier', node)[0] ?? '',
      labels: texts('LabelName', node),
      rangeFunction: found.filter((outer) => isCallOfRange(outer, node)).map(({ text }) => nameOfCall(text))[0] ?? null,
    }));
  return {
    selectors,
    groupings: found.filter(({ name }) => name === 'GroupingLabels').flatMap((node) => texts('LabelName', node)),
    made: texts('FunctionCall')
      .filter((call) => nameOfCall(call) === 'label_replace')
      .map((call) => JSON.parse(/,\s*("[^"]*")(,\s*"[^"]*"){3}\)$/.exec(call)?.[1] ?? '""') as string),
  };

  function isCallOfRange(outer: Node, inner: Node): boolean {
    const range = found.find(({ name, from }) => name === 'MatrixSelector' && from === inner.from);
    return range !== undefined && outer.name === 'FunctionCall' && argumentOf(outer) === range.text;
  }
}

interface Node {
  readonly name: string;
  readonly isError: boolean;
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

const everything = { from: 0, to: Infinity };

function nodesOf(expr: string): Node[] {
  const nodes: Node[] = [];
  parser.parse(expr).iterate({
    enter: ({ name, type, from, to }) =>
      void nodes.push({ name, isError: type.isError, from, to, text: expr.slice(from, to) }),
  });
  return nodes;
}

function nameOfCall(call: string): string {
  return call.slice(0, call.indexOf('(')).trim();
}

function argumentOf({ text }: Node): string {
  return text.slice(text.indexOf('(') + 1, -1).trim();
}
