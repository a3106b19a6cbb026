import { open } from 'netkin';

/** The training images as the network sees them, with what is to be shown of them. */
export async function openTraining() {
  const { classes, labels } = await (await fetch('/labels.json')).json();
  const data = new Uint8Array(await (await fetch('/images.bin')).arrayBuffer());
  const thumbnails = { shape: [labels.length, 28, 28, 1], data };
  const engine = await open('/model.json');
  const perspective = await engine.perspective({ ...thumbnails, divisor: 255 });
  return { perspective, thumbnails, labels, classes };
}
