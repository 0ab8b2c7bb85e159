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

// JavaScript runs in one thread, and Node's other threads have little to do; who writes more means thousandths: `100` for `100m`.
const mostCpu = 8;

/** An amount of CPU; the value is the text. The API server knows nothing finer than a thousandth. */
export const cpuQuantity: Kind<string> = {
  name: 'cpuQuantity',
  accepts: `an amount of CPU up to ${mostCpu}, such as 100m or 0.5`,
  parse: (given) => {
    const quantity = multipleOf(0.001, given.trim());
    return quantity !== undefined && quantityValue(quantity) <= mostCpu ? quantity : undefined;
  },
  print: (value) => value,
  isSame: isSameQuantity,
  explain: (given) => {
    if (!(quantityValue(given.trim()) > mostCpu)) return undefined;
    return { fault: `is more than ${mostCpu} CPUs`, nearest: cpuQuantity.parse(otherUnit(given, 'm')) };
  },
};

/** An amount of memory, at least some; the value is the text. What is less is a slip: `64m`, or 64 bytes, for `64Mi`. */
export function memoryQuantity(least: string): Kind<string> {
  const kind: Kind<string> = {
    name: 'memoryQuantity',
    accepts: `an amount of memory, such as 64Mi (at least ${least})`,
    parse: (given) => {
      const quantity = multipleOf(1, given.trim());
      return quantity !== undefined && quantityValue(quantity) >= quantityValue(least) ? quantity : undefined;
    },
    print: (value) => value,
    isSame: isSameQuantity,
    explain: (given) => {
      const value = quantityValue(given.trim());
      if (!(value > 0 && value < quantityValue(least))) return undefined;
      return { fault: `is less than ${least}`, nearest: kind.parse(otherUnit(given, 'Mi')) };
    },
  };
  return kind;
}

/** The same number of another unit, where it has none, or one of thousandths; blank where it has one that was meant. */
function otherUnit(given: string, unit: string): string {
  const [, number] = /^(\d+)m?$/.exec(given.trim()) ?? [];
  return number === undefined ? '' : number + unit;
}

function isSameQuantity(one: string, other: string): boolean {
  return quantityValue(one) === quantityValue(other);
}

/** The quantity, if it is some whole number of units, but for what a floating point number leaves out. */
function multipleOf(unit: number, quantity: string): string | undefined {
  const units = quantityValue(quantity) / unit;
  const isWhole = Math.abs(units - Math.round(units)) < 1e-6;
  return units > 0 && Number.isFinite(units) && isWhole && Math.round(units) > 0 ? quantity : undefined;
}
