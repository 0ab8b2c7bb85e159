import { describe, expect, it } from '@jest/globals';
import { picture } from './picture.ts';

describe('a picture', () => {
  it('is the same SVG each time, with the graph as its title', async () => {
    const graph = 'digraph "one to another" { one -> another }';

    const svg = await picture(graph);

    expect(svg).toMatch(/^<svg width="\d+" height="\d+" role="img"\s+viewBox=/);
    expect(svg).toContain('<title>one to another</title>');
    expect(await picture(graph)).toBe(svg);
  });

  it('has colours for light and for dark pages, and no background', async () => {
    const svg = await picture('digraph { one [class=ours] }');

    expect(svg).toContain('@media (prefers-color-scheme: dark)');
    expect(svg).toContain('class="node ours"');
    expect(svg).not.toContain('fill="white"');
  });

  it('is refused with the words of Graphviz where its text is wrong', async () => {
    await expect(picture('digraph { one -> }')).rejects.toThrow('syntax error in line 1');
  });
});
