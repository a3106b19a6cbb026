/** Descriptions of the arguments that verbs share. */
export const MODEL = 'tfjs model.json, or the folder that holds it';
export const INPUTS = '.npy .npz .csv .idx(.gz), or a folder of PNG and JPEG images';
export const LABELS =
  '.npy .npz .csv .idx(.gz): class ids, class names, or n × d targets; or the folder of images, one sub-folder for each class';

export function example(call: string): string {
  return `\nExample:\n  netkin ${call}`;
}
