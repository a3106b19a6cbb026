import '/netkin/elements/index.js';

const element = document.querySelector('netkin-neighbours');
const { classes, labels } = await (await fetch('../data/labels.json')).json();
Object.assign(element, { labels, classes });

const sneaker = new Uint8Array(await (await fetch('../data/sneaker.bin')).arrayBuffer());
const worker = new Worker('worker.js', { type: 'module' });
worker.onmessage = ({ data: answer }) => {
  if (answer === 'ready') worker.postMessage(sneaker);
  else Object.assign(element, { neighbours: answer, busy: false });
};
worker.onerror = ({ message }) => {
  element.error = message || 'The worker cannot be loaded.';
};
