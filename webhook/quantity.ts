import type { Kind } from '../shared/settings/kind.ts';

const decimalExponents: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binaryPowers = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/**
 * The number that a quantity stands for, such as 0.1 for `100m`, so that two spellings can be compared; NaN for what is no quantity.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function quantityValue(quantity: string): number {
  const [, number, suffix = ''] = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+))([eE][+-]?\d+|[A-Za-z]{0,2})$/.exec(quantity) ?? [];
  if (number === undefined) return NaN;
  if (suffix === '' || /\d$/.test(suffix)) return Number(number + suffix);
  if (binaryPowers.includes(suffix)) return Number(number) * 1024 ** (binaryPowers.indexOf(suffix) + 1);
  // As text, since a product such as 700 × 0.001 isn't 0.7.
  return Number(`${number}e${decimalExponents[suffix]}`);
}

/** An amount of CPU; the value is the text. The API server knows nothing finer than a thousandth. */
export const cpuQuantity: Kind<string> = {
  name: 'cpuQuantity',
  accepts: 'an amount of CPU, such as 100m or 0.5',
  parse: (given) => multipleOf(0.001, given.trim()),
  print: (value) => value,
  isSame: isSameQuantity,
};

/** An amount of memory; the value is the text. A part of a byte is a slip: `64m` for `64Mi`. */
export const memoryQuantity: Kind<string> = {
  name: 'memoryQuantity',
  accepts: 'an amount of memory, such as 64Mi',
  parse: (given) => multipleOf(1, given.trim()),
  print: (value) => value,
  isSame: isSameQuantity,
};

function isSameQuantity(one: string, other: string): boolean {
  return quantityValue(one) === quantityValue(other);
}

/** The quantity, if it is some whole number of units, but for what a floating point number leaves out. */
function multipleOf(unit: number, quantity: string): string | undefined {
  const units = quantityValue(quantity) / unit;
  const isWhole = Math.abs(units - Math.round(units)) < 1e-6;
  return units > 0 && Number.isFinite(units) && isWhole && Math.round(units) > 0 ? quantity : undefined;
}
