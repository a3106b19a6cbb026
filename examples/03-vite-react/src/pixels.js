/** An image file as the network takes it: 28 × 28 grey values. */
export async function pixelsOf(file) {
  const bitmap = await createImageBitmap(file);
  const context = new OffscreenCanvas(28, 28).getContext('2d');
  context.drawImage(bitmap, 0, 0, 28, 28);
  const { data: colours } = context.getImageData(0, 0, 28, 28);
  const grey = (i) => Math.round((colours[4 * i] + colours[4 * i + 1] + colours[4 * i + 2]) / 3);
  return { shape: [1, 28, 28, 1], data: Uint8Array.from({ length: 784 }, (_, i) => grey(i)), divisor: 255 };
}
