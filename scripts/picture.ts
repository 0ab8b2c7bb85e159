import { instance } from '@viz-js/viz';

// Graphviz makes boxes as wide as their text in Helvetica, whose widths Arial and Liberation Sans have too. The margin leaves room for a
// wider font where none of them is.
const fontname = 'Helvetica,Arial,Liberation Sans,sans-serif';

/** A graph in Graphviz' language (https://graphviz.org/doc/info/lang.html) as SVG that is read on light and on dark pages alike. */
export async function picture(graph: string): Promise<string> {
  const viz = await instance();
  const svg = viz.renderString(graph, {
    format: 'svg',
    graphAttributes: { bgcolor: 'transparent', style: 'rounded', fontname, fontsize: 12 },
    nodeAttributes: { shape: 'box', style: 'rounded', fontname, fontsize: 13, margin: '0.28,0.1' },
    edgeAttributes: { fontname, fontsize: 12, arrowsize: 0.7 },
  });
  return styled(svg);
}

/** From `<svg` on: what stands before it is for programs that read SVG as XML with a DTD. Points become pixels, as of all that we draw. */
function styled(svg: string): string {
  const element = svg.slice(svg.indexOf('<svg'));
  return element.replace(/^(<svg width="\d+)pt(" height="\d+)pt"([^>]*>)/, `$1$2" role="img"$3\n${style}`);
}

// GitHub and browsers tell an image which colours its reader prefers; where none do, these are read on white.
const style = `<style>
text { fill: #1f2328 }
path, polygon, polyline { stroke: #59636e }
.edge polygon { fill: #59636e }
.cluster path { stroke: #d1d9e0 }
.cluster text, .edge text { fill: #59636e }
.quiet path { stroke-dasharray: 4 4 }
.ours path { fill: #ddf4ff; stroke: #0969da }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
path, polygon, polyline { stroke: #9198a1 }
.edge polygon { fill: #9198a1 }
.cluster path { stroke: #3d444d }
.cluster text, .edge text { fill: #9198a1 }
.ours path { fill: #121d2f; stroke: #4493f8 }
}
</style>`;
