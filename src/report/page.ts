/** The report: one HTML file that carries everything it shows and can reach nothing else. */
import type { ReportData } from './data.js';
import { denoisingSection } from './denoising.js';
import { densitySection } from './density.js';
import { detectionSection } from './detection.js';
import { fitSection } from './fit.js';
import { header } from './header.js';
import { heatMapSection } from './heatmap.js';
import { histogramSection } from './histogram.js';
import { html, trusted } from './html.js';
import { layersSection } from './layers.js';
import { methodSection } from './method.js';
import { neighboursSection } from './neighbours.js';
import { SCRIPT } from './script.js';
import { frame } from './section.js';
import { STYLE } from './style.js';
import { FIGURE_STYLE } from './style-figures.js';
import { suspectsSection } from './suspects.js';

/** Even a fault in the escaping could not load or send anything. */
const POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/**
 * Renders the report.
 * @param data what to show; sections without data are left out
 * @returns a complete HTML document, UTF-8, without references to anything outside of it
 * @throws NetkinError 'usage' when the heat map's size and values disagree
 */
export function renderReport(data: ReportData): string {
  const sections = [
    suspectsSection(data),
    detectionSection(data),
    neighboursSection(data),
    densitySection(data),
    fitSection(data),
    histogramSection(data),
    heatMapSection(data),
    layersSection(data),
    denoisingSection(data),
    methodSection(data),
  ].filter((section) => section !== null);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="netkin">
<title>${data.title}</title>
<style>${trusted(STYLE + FIGURE_STYLE)}</style>
</head>
<body>
<a class="skip" href="#${sections[0]!.id}">Skip to the findings</a>
${header(data)}
<nav aria-label="Sections"><ul>${sections.map(({ id, short }) => html`<li><a href="#${id}">${short}</a></li>`)}</ul></nav>
<main>${sections.map(frame)}
</main>
<footer><p>${data.generated}</p><p>This file holds all it shows: it loads nothing and sends nothing. Method: Charpiat, Girard, Felardos, Tarabalka, <cite>Input Similarity from the Neural Network Perspective</cite>, NeurIPS 2019.</p></footer>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`.toString();
}
