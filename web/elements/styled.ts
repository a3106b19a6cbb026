/** Styles of one element, set by script: policies without 'unsafe-inline' forbid style attributes, lit's styleMap among them. */

import { noChange } from 'lit';
import { Directive, directive, type ElementPart } from 'lit/directive.js';

class Styled extends Directive {
  override render(_styles: Readonly<Record<string, string>>): typeof noChange {
    return noChange;
  }

  override update(part: ElementPart, [styles]: Parameters<this['render']>): typeof noChange {
    const { style } = part.element as HTMLElement;
    for (const [name, value] of Object.entries(styles)) style.setProperty(name, value);
    return noChange;
  }
}

/** @param styles CSS properties by name; the same names at every rendering */
export const styled = directive(Styled);
