/**
 * The looks of `<netkin-neighbours>`. Text, lines and tracks are mixed from the text colour of the page, so that the
 * element fits light and dark pages by itself. Custom properties with their defaults stand in the first rule.
 */
import { css } from 'lit';

export const STYLE = css`
:host {
  --_accent: var(--netkin-accent, light-dark(#0b62a8, #7db9f0));
  --_first: var(--netkin-first, light-dark(#a9d3dc, #315a86));
  --_last: var(--netkin-last, light-dark(#17497f, #9fd3f2));
  --_soft: var(--netkin-soft, color-mix(in srgb, currentColor 72%, transparent));
  --_track: var(--netkin-track, color-mix(in srgb, currentColor 11%, transparent));
  --_hover: var(--netkin-hover, color-mix(in srgb, currentColor 5%, transparent));
  --_error: var(--netkin-error, light-dark(#a1260d, #ff9d85));
  --_picture: var(--netkin-picture-size, 3.5rem);
  --_bar-size: var(--netkin-bar-size, 0.625rem);
  --_radius: var(--netkin-radius, 0.625rem);
  display: block;
  container-type: inline-size;
  font-size: 1rem;
  line-height: 1.4;
  font-variant-numeric: tabular-nums;
  text-align: start;
}
:host([hidden]), [hidden] { display: none; }
* { box-sizing: border-box; margin: 0; padding: 0; }

[part='list'] { list-style: none; transition: opacity 150ms; }
[part='list'][aria-busy='true'] { opacity: 0.6; }
[part~='row'] {
  display: flex; align-items: center; gap: 0.875rem;
  min-block-size: calc(var(--_picture) + 1rem);
  padding: 0.5rem 0.75rem; border-radius: var(--_radius);
}
[part~='row'] + [part~='row'] { margin-block-start: 2px; }
[role='option'] { cursor: pointer; }
[role='option']:hover { background: var(--_hover); }
[role='option'][aria-selected='true'] { background: color-mix(in srgb, var(--_accent) 14%, transparent); }
[role='option']:focus-visible { outline: 3px solid var(--_accent); outline-offset: -3px; }

[part='picture'] {
  flex: none; inline-size: var(--_picture); block-size: var(--_picture);
  border-radius: calc(var(--_radius) * 0.6); object-fit: contain; background: var(--_track);
}
.sharp { image-rendering: pixelated; }

.words {
  flex: 1; min-inline-size: 0; display: grid; grid-template-columns: minmax(0, auto) minmax(0, 1fr) auto;
  align-items: baseline; gap: 0.375rem 0.5rem;
}
.words > bdi { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
[part='label'] { font-weight: 600; }
[part='name'] { color: var(--_soft); font-size: 0.875rem; }
[part='value'] { grid-column: 3; font-weight: 600; }
[part='bar'] {
  grid-column: 1 / -1; position: relative; block-size: var(--_bar-size);
  border-radius: 99rem; overflow: hidden; background: var(--_track);
}
[part='bar'] > * { position: absolute; inset-block: 0; }
[part='piece'] { border-inline-end: 1.5px solid transparent; background-clip: padding-box; }
[part='piece'], [part='key'] {
  background-color: color-mix(in oklab, var(--_last) var(--depth), var(--_first));
}
.zero, .sum { inline-size: 2px; margin-inline-start: -1px; background: currentColor; }
.sum { box-shadow: 0 0 0 1.5px light-dark(#ffffff, #131519); }

[part='legend'] {
  margin-block-start: 0.75rem; padding: 0 0.75rem; min-block-size: 5.75rem;
  color: var(--_soft); font-size: 0.875rem;
}
[part='legend'] p, dt { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
dl {
  display: grid; grid-auto-flow: column; grid-template-rows: repeat(var(--rows), auto);
  grid-auto-columns: minmax(0, max-content); gap: 0.125rem 2rem; margin-block-start: 0.25rem;
}
dl div { display: flex; align-items: baseline; justify-content: space-between; gap: 0.75rem; }
[part='key'] {
  display: inline-block; inline-size: 0.625rem; block-size: 0.625rem; margin-inline-end: 0.5rem; border-radius: 3px;
}
@container (min-width: 30rem) {
  [part='legend'] { min-block-size: 4.25rem; }
  dl { grid-template-rows: repeat(2, auto); }
}

[part='empty'], [part='error'] { padding: 0.75rem; color: var(--_soft); text-wrap: pretty; }
[part='error'] { color: var(--_error); overflow-wrap: anywhere; }

.coming :is([part='label'], [part='value']) { block-size: 1.25rem; border-radius: 0.25rem; background: var(--_track); }
.coming [part='label'] { inline-size: 9rem; max-inline-size: 100%; }
.coming [part='value'] { inline-size: 2rem; }
@media (prefers-reduced-motion: no-preference) {
  .coming { animation: breathe 1.6s ease-in-out infinite alternate; }
}
@media (prefers-reduced-motion: reduce) { [part='list'] { transition: none; } }
@keyframes breathe { from { opacity: 1; } to { opacity: 0.55; } }
@media (forced-colors: active) {
  [part='bar'] { border: 1px solid; }
  [part='piece'], [part='key'] { forced-color-adjust: none; }
  [role='option'][aria-selected='true'] { outline: 2px solid Highlight; outline-offset: -2px; }
}

.hidden {
  position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
`;
