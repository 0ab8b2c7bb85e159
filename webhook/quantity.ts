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
  const [, number, suffix = ''] = /^([+-]?(?:\d+\.?\d*|\.\d+))([eE][+-]?\d+|[A-Za-z]{0,2})$/.exec(quantity) ?? [];
  if (number === undefined) return NaN;
  if (suffix === '' || /\d$/.test(suffix)) return Number(number + suffix);
  if (binaryPowers.includes(suffix)) return Number(number) * 1024 ** (binaryPowers.indexOf(suffix) + 1);
  // As text, since a product such as 700 × 0.001 isn't 0.7.
  return Number(`${number}e${decimalExponents[suffix]}`);
}
