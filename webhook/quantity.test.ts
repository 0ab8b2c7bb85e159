import { describe, expect, it } from '@jest/globals';
import { cpuQuantity, memoryQuantity, quantityValue } from './quantity.ts';

describe('quantityValue', () => {
  it.each([
    ['0', 0],
    ['1', 1],
    ['0.5', 0.5],
    ['.5', 0.5],
    ['+1', 1],
    ['-1', -1],
    ['500m', 0.5],
    ['700m', 0.7],
    ['250u', 0.00025],
    ['5n', 5e-9],
    ['2k', 2000],
    ['128M', 128_000_000],
    ['1.5G', 1_500_000_000],
    ['1Ki', 1024],
    ['128Mi', 134_217_728],
    ['1.5Gi', 1_610_612_736],
    ['1Ei', 2 ** 60],
    ['1E', 1e18],
    ['1e3', 1000],
    ['1E3', 1000],
    ['5e-1', 0.5],
  ])('%s is %d', (quantity, value) => {
    expect(quantityValue(quantity)).toBe(value);
  });

  it.each([
    ['1', '1000m'],
    ['1Gi', '1024Mi'],
    ['134217728', '128Mi'],
    ['0.1', '100m'],
  ])('%s is the same as %s', (one, other) => {
    expect(quantityValue(one)).toBe(quantityValue(other));
  });

  it.each(['', ' 1', '1 ', '1,5', 'Mi', '1mi', '1KB', '1.2.3', 'NaN', '0x10'])('"%s" is no quantity', (quantity) => {
    expect(quantityValue(quantity)).toBeNaN();
  });
});

// An expression that can divide the digits in several ways takes hours for this many, and never comes to the expectation.
it('a quantity made to hold up the parser is none', () => {
  expect(quantityValue(`${'1'.repeat(1_000_000)}!`)).toBeNaN();
});

describe('an amount of CPU', () => {
  it.each(['1', '100m', '0.5', ' 1m ', '0.001', '700m', '8', '8000m', '8e0'])('is accepted: %s', (given) => {
    expect(cpuQuantity.parse(given)).toBe(given.trim());
  });

  it.each(['0', '-1', '0.5m', '100u', '0.0001', 'much', '1e400', '1 m', '8.001', '100'])('is refused: %s', (given) => {
    expect(cpuQuantity.parse(given)).toBeUndefined();
  });

  it.each([
    ['100', '100m'],
    [' 8001 ', undefined],
    ['16.5', undefined],
  ])('that no sidecar can use was meant in thousandths, if that is few: %s', (given, nearest) => {
    expect(cpuQuantity.explain?.(given)).toEqual({ fault: 'is more than 8 CPUs', nearest });
  });

  it.each(['0.0001', 'much', '-9'])('is no slip of thousandths: %s', (given) => {
    expect(cpuQuantity.explain?.(given)).toBeUndefined();
  });
});

describe('an amount of memory', () => {
  const memory = memoryQuantity('32Mi');

  it.each(['64Mi', '1.5Gi', '128M', '1e9', ' 1Gi ', '67108864', '32Mi', '40000.5k'])('is accepted: %s', (given) => {
    expect(memory.parse(given)).toBe(given.trim());
  });

  it.each(['0', '-64Mi', '64m', '0.5', '40000.0001k', '64MB', '64 Mi', '', '64', '31Mi', '33554431'])(
    'is refused: %s',
    (given) => {
      expect(memory.parse(given)).toBeUndefined();
    },
  );

  it.each([
    ['64', '64Mi'],
    ['64m', '64Mi'],
    // Nor are 10Mi enough.
    ['10', undefined],
    ['31Mi', undefined],
    ['0.5', undefined],
  ])('that is too little was meant in another unit, if that is enough: %s', (given, nearest) => {
    expect(memory.explain?.(given)).toEqual({ fault: 'is less than 32Mi', nearest });
  });

  it.each(['0', '-64Mi', '64MB', '40000.0001k'])('is no slip of units: %s', (given) => {
    expect(memory.explain?.(given)).toBeUndefined();
  });
});
