import { open } from '/netkin/browser/index.js';
import '/netkin/elements/index.js';

const file = async (name) => (await fetch(`../data/${name}`)).arrayBuffer();
const { classes, labels } = await (await fetch('../data/labels.json')).json();
const thumbnails = { shape: [labels.length, 28, 28, 1], data: new Uint8Array(await file('images.bin')) };

const element = document.querySelector('netkin-neighbours');
Object.assign(element, { thumbnails, labels, classes, busy: true });

let shown = 0;
show(0);
document.querySelector('#next').onclick = () => show(shown + 1);
document.querySelector('#previous').onclick = () => show(shown - 1);
element.addEventListener('netkin-select', ({ detail }) => show(detail.index));

const engine = await open('../data/model.json');
const perspective = await engine.perspective({ ...thumbnails, divisor: 255 });
Object.assign(element, { perspective, busy: false });

function show(index) {
  shown = (index + labels.length) % labels.length;
  const name = `Image ${shown}: ${classes[labels[shown]]}`;
  document.querySelector('#name').textContent = name;
  const canvas = document.querySelector('canvas');
  canvas.ariaLabel = name;
  const picture = new ImageData(28, 28);
  thumbnails.data.subarray(shown * 784, (shown + 1) * 784).forEach((grey, i) => {
    picture.data.set([grey, grey, grey, 255], 4 * i);
  });
  canvas.getContext('2d').putImageData(picture, 0, 0);
  element.input = shown;
}
