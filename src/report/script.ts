/**
 * The page's script: reading and enlarging the heat map, choosing suspects by class, opening details for print.
 * The page is complete without it. Data reach the document through `textContent` and checked attributes only.
 */
export const SCRIPT = `
'use strict';
(() => {
  const filter = document.querySelector('.filter');
  if (filter) {
    const select = filter.querySelector('select');
    const cards = [...document.querySelectorAll('.suspect')];
    const more = document.getElementById('more-suspects');
    filter.hidden = false;
    select.addEventListener('change', () => {
      let shown = 0;
      for (const card of cards) {
        card.hidden = select.value !== '' && card.dataset.given !== select.value;
        if (!card.hidden) shown++;
      }
      if (more && select.value !== '') more.open = true;
      filter.querySelector('output').textContent = shown === 1 ? '1 card' : shown + ' cards';
    });
  }

  const square = document.querySelector('.square');
  const source = document.getElementById('heat-data');
  if (square && source) {
    const { inputs, names, pictures } = JSON.parse(source.textContent);
    const size = Number(square.dataset.size);
    const offset = Number(square.dataset.offset);
    const file = atob(square.querySelector('img').src.split(',')[1]);
    const readout = document.querySelector('.readout');
    const output = readout.querySelector('output');
    const strip = readout.querySelector('.strip');
    const button = readout.querySelector('button');
    const cursor = square.querySelector('.cursor');
    let row = 0;
    let column = 0;
    const name = (i) => '#' + inputs[i] + (names[i] ? ' ' + names[i] : '');
    const picture = (i) => {
      const image = document.createElement('img');
      image.className = 'input';
      image.alt = '';
      image.src = pictures[i];
      return image;
    };
    const show = () => {
      const level = file.charCodeAt(offset + row * (size + 6) + column);
      const value = level > 254 ? '–' : (level / 127 - 1).toFixed(2).replace('-0.00', '0.00').replace('-', '−');
      output.textContent = name(row) + ' and ' + name(column) + ': ' + value;
      strip.replaceChildren(...[row, column].filter((i) => pictures[i]).map(picture));
      cursor.hidden = false;
      cursor.style.cssText = 'left:' + (100 * column) / size + '%;top:' + (100 * row) / size + '%;width:' + 100 / size + '%;height:' + 100 / size + '%';
    };
    readout.hidden = false;
    square.tabIndex = 0;
    square.setAttribute('role', 'application');
    square.setAttribute('aria-label', 'Heat map: move with the arrow keys');
    const clamp = (i) => Math.min(size - 1, Math.max(0, i));
    const point = (event) => {
      const box = square.getBoundingClientRect();
      column = clamp(Math.floor(((event.clientX - box.left) / box.width) * size));
      row = clamp(Math.floor(((event.clientY - box.top) / box.height) * size));
      show();
    };
    square.addEventListener('pointermove', point);
    square.addEventListener('pointerdown', point);
    square.addEventListener('keydown', (event) => {
      const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      if (!move) return;
      event.preventDefault();
      row = clamp(row + move[0]);
      column = clamp(column + move[1]);
      show();
      cursor.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    });
    button.addEventListener('click', () => {
      const large = document.querySelector('.map').classList.toggle('enlarged');
      button.setAttribute('aria-pressed', String(large));
      button.textContent = large ? 'Fit to page' : 'Enlarge';
    });
  }

  addEventListener('beforeprint', () => {
    for (const details of document.querySelectorAll('.more .cards')) details.parentElement.open = true;
  });
})();
`;
