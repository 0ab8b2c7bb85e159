import { describe, expect, it } from '@jest/globals';
import { lines, type Panel } from './panel.ts';
import { place } from './place.ts';

function panel(width: number, height: number): Panel {
  return { ...lines({ title: '', description: '' }), size: { width, height } };
}

describe('panels', () => {
  it('stand beside each other as long as there is room, and else below the highest of their line', () => {
    expect(place([panel(12, 4), panel(12, 6), panel(20, 2), panel(8, 3)], 5)).toEqual({
      positions: [
        { x: 0, y: 5, w: 12, h: 4 },
        { x: 12, y: 5, w: 12, h: 6 },
        { x: 0, y: 11, w: 20, h: 2 },
        { x: 0, y: 13, w: 8, h: 3 },
      ],
      bottom: 16,
    });
  });

  it('end where they begin when there are none', () => {
    expect(place([], 3)).toEqual({ positions: [], bottom: 3 });
  });
});
